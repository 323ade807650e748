/**
 * What every application here does with the package that it was built with: speaks, hears the answer to its end, and
 * closes. The test calls `talk` from outside.
 */
export function offer({ LiveError, LiveSession }) {
  globalThis.talk = async (options) => {
    const types = [];
    // What answers function calls is loaded for whoever has tools.
    const tools = { current_time: { declaration: { description: "Tells the time." }, handler: () => "noon" } };
    const session = await LiveSession.connect({ ...options, tools });
    try {
      session.on("*", ({ type }) => types.push(type));
      const ended = new Promise((resolve, reject) => {
        session.on("playbackEnded", resolve);
        session.on("closed", ({ error }) => reject(error ?? new Error("closed")));
      });
      await session.openSpeaker();
      await session.openMicrophone({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
      await ended;
      const { playbackSamplesPlayed } = await session.stats();
      const isSession = session instanceof LiveSession;
      return { runsIn: session.runsIn, isSession, types, playbackSamplesPlayed };
    } finally {
      await session.close();
    }
  };

  /** How a connect that cannot succeed fails. */
  globalThis.fail = (options) =>
    LiveSession.connect(options).then(
      () => "connected",
      (error) => ({ isLiveError: error instanceof LiveError, code: error.code, message: error.message, cause: String(error.cause) }),
    );
}
