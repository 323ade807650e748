/** What comes, if it comes in time: whoever waits in vain is told for what. */
export function within(ms, what, coming) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no answer within ${ms} ms`)), ms);
  });
  return Promise.race([coming, late]).finally(() => clearTimeout(timer));
}
