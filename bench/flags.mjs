/** `--name=value` of the command line. */
export const flag = (name, fallback) =>
  process.argv.find((text) => text.startsWith(`--${name}=`))?.split('=')[1] ?? fallback;

/** Whether `--name` was given. */
export const isSet = (name) => process.argv.includes(`--${name}`);
