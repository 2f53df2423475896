/* Hands in the room. What they do at one seat arrives in the order in which they do it: a release
   never overtakes its press, and a finger stays down as long as a real one does. A mouse can click in
   less time than the seat needs to tell a press from a bounce of the contact. */
const HOLD_MS = 120;

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export class Hands {
  /** `failed` is called when the simulator did not take a touch. */
  constructor(failed) {
    this.failed = failed;
    this.queues = new Map();
    this.down = new Set();
  }

  press(terminal, button) {
    const key = `${terminal}/${button}`;
    if (this.down.has(key)) return;
    this.down.add(key);
    this.touch(terminal, "press", { button });
  }

  release(terminal, button) {
    if (this.down.delete(`${terminal}/${button}`)) this.touch(terminal, "release", { button });
  }

  /** No finger stays on a button when the page loses the keyboard or another seat is chosen. */
  releaseAll() {
    for (const key of [...this.down]) this.release(...key.split("/"));
  }

  badge(terminal, isIn) {
    return this.touch(terminal, "badge", { in: isIn });
  }

  power(terminal, isOn) {
    return this.touch(terminal, "power", { on: isOn });
  }

  crowd(action) {
    return this.send("/api/crowd", { action });
  }

  touch(terminal, what, body) {
    const before = this.queues.get(terminal) ?? Promise.resolve();
    const now = before.then(async () => {
      if (what === "release") await wait(HOLD_MS);
      if (!(await this.send(`/api/seats/${terminal}/${what}`, body))) this.failed();
    });
    this.queues.set(terminal, now);
    return now;
  }

  async send(address, body) {
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return answer.ok;
    } catch {
      return false;
    }
  }
}
