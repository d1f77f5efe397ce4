/** The functions of jstat that are used here; the package brings no types of its own. */
declare module 'jstat' {
  interface Distribution2 {
    cdf(x: number, a: number, b: number): number;
    inv(p: number, a: number, b: number): number;
  }
  const library: {
    readonly normal: Distribution2;
    readonly beta: Distribution2;
    readonly studentt: {
      cdf(x: number, freedom: number): number;
      inv(p: number, freedom: number): number;
    };
  };
  export = library;
}
