/* Sends an order until the hall has answered. One order keeps one id through all its copies, so that
   an answer that was lost on the way never makes the hall do a thing twice. */
const WAITS_MS = [300, 600, 1200, 2000, 3000, 4000];
const ANSWER_MS = 5000;

/** A random id (UUID, version 4); works on plain HTTP too, unlike crypto.randomUUID. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function once(order, language) {
  const answer = await fetch(`/api/commands/${order.command}?lang=${language}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: order.id, ...order.fields }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const body = await answer.json();
  if (answer.ok) return { kind: "accepted", position: body.position };
  if (answer.status >= 500) throw new Error(body.error);
  return { kind: answer.status === 401 ? "signed_out" : "refused", error: body.error, message: body.message };
}

/** `{kind: "accepted" | "refused" | "signed_out" | "unknown", ...}`; `retrying` is called before each repeat. */
export async function send(order, language, retrying = () => {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(order, language);
    } catch {
      if (attempt === WAITS_MS.length) return { kind: "unknown" };
      retrying();
      await wait(WAITS_MS[attempt]);
    }
  }
}
