export function artilleryArm() {
  throw new Error('later');
}
