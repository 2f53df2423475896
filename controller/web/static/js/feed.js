/* Listens to the hall. A full snapshot comes first and after every reconnection; the hall's time
   comes each second. Without any event for three seconds the page says that it is stale. */
const STALE_MS = 3000;
const GIVE_UP_MS = 8000;
const RETRY_MS = 1000;

export class Feed {
  /** `changed` is called after each event and whenever `stale` turns. */
  constructor(address, changed, { refused = () => {} } = {}) {
    this.address = address;
    this.changed = changed;
    this.refused = refused;
    this.snapshot = null;
    this.time = null;
    this.stale = false;
    this.heardAt = performance.now();
    this.timeAt = performance.now();
    this.connect();
    setInterval(() => this.watch(), 250);
  }

  /** Hall milliseconds now: the last time heard, carried on by this browser's monotonic clock. */
  get hallMs() {
    const base = this.time ?? this.snapshot?.time ?? { hall_ms: 0 };
    return base.hall_ms + (performance.now() - this.timeAt);
  }

  /** The wall's hours and minutes as the server wrote them. */
  get clock() {
    return this.time?.clock ?? this.snapshot?.time.wall.slice(11, 16) ?? "";
  }

  connect() {
    this.source?.close();
    this.connectedAt = performance.now();
    this.source = new EventSource(this.address);
    this.source.addEventListener("sitting", (event) => {
      this.snapshot = JSON.parse(event.data);
      if (this.time === null || this.snapshot.time.hall_ms >= this.hallMs) this.setTime(this.snapshot.time);
      this.heard();
    });
    this.source.addEventListener("time", (event) => {
      this.setTime(JSON.parse(event.data));
      this.heard();
    });
    this.source.addEventListener("error", () => {
      // the browser gives up by itself after a refusal; we never do
      if (this.source.readyState === EventSource.CLOSED) {
        this.refused();
        setTimeout(() => this.connect(), RETRY_MS);
      }
    });
  }

  setTime(time) {
    this.time = { ...this.time, ...time };
    if (!("clock" in time)) this.time.clock = time.wall.slice(11, 16);
    this.timeAt = performance.now();
  }

  heard() {
    this.heardAt = performance.now();
    this.stale = false;
    this.changed();
  }

  watch() {
    const now = performance.now();
    const stale = now - this.heardAt > STALE_MS;
    if (stale !== this.stale) {
      this.stale = stale;
      this.changed();
    }
    if (now - this.heardAt > GIVE_UP_MS && now - this.connectedAt > GIVE_UP_MS) this.connect();
  }
}
