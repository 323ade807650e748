/** The address of the wasm, where the bundler is told to take such a file as an asset. */
declare const url: string;
export default url;
