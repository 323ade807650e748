/** Firebase AI Logic, as its documentation begins a conversation: connect, then `startAudioConversation`. */
import { GoogleAIBackend, getAI, getLiveGenerativeModel, ResponseModality, startAudioConversation } from "firebase/ai";
import { initializeApp } from "firebase/app";

let model;
let session;
let conversation;

export function prepare({ model: name }) {
  const app = initializeApp({ apiKey: "bench", appId: "1:1:web:1", projectId: "bench" });
  const ai = getAI(app, { backend: new GoogleAIBackend() });
  model = getLiveGenerativeModel(ai, {
    model: name.replace("models/", ""),
    generationConfig: { responseModalities: [ResponseModality.AUDIO] },
  });
}

export async function start() {
  session = await model.connect();
  conversation = await startAudioConversation(session);
}

export async function stop() {
  await conversation.stop();
  await session.close();
}
