// The control plane of a replay server: its journal and its faults.

export class Control {
  constructor(url) {
    this.url = url;
  }

  async #ask(name, content) {
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content) };
    const answer = await fetch(`${this.url}/_bedrock-wire/${name}`, content && post);
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** What was asked and how it was answered, oldest first. */
  async journal() {
    const { requests, dropped } = await this.#ask("journal");
    if (dropped) throw new Error(`${dropped} entries are gone`);
    return requests;
  }

  async faults() {
    return (await this.#ask("faults")).faults;
  }

  async setFaults(...faults) {
    return (await this.#ask("faults", { faults })).faults;
  }

  async reset() {
    await this.#ask("reset", {});
  }
}
