/** How long a processor that has failed may take to answer: its scope may have gone with it. */
const ANSWER_MS = 500;

/**
 * Another node in the place of one whose processor has failed: with the way to the driver, and with what was queued.
 *
 * @param {AudioWorkletNode} node  what has failed @param {string} name @param {AudioWorkletNodeOptions} settings
 * @param {AudioNode} neighbour  what it played into; or, where it has no outputs, what it heard
 */
export async function revive(node, name, settings, neighbour) {
  const left = await new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
    node.port.postMessage("leave");
    setTimeout(resolve, ANSWER_MS);
  });
  node.port.onmessage = null;
  if (!left?.port) throw new Error("It has left nothing.");
  const { processorOptions } = settings;
  const options = { ...settings, processorOptions: { ...processorOptions, ring: left.ring ?? processorOptions.ring } };
  const next = new AudioWorkletNode(node.context, name, options);
  next.port.postMessage(left, [left.port]);
  const isSource = settings.numberOfOutputs > 0;
  if (isSource) node.disconnect();
  else neighbour.disconnect(node);
  if (isSource) next.connect(neighbour);
  else neighbour.connect(next);
  return next;
}
