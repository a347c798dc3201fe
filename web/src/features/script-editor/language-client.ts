import type { Problem } from "../../api/shapes";
import { isObject } from "../../graph/json";

/** What the node of a script says of its surroundings (core/language.py). */
export interface LanguageWish {
  environment?: string;
  version?: string;
  script?: string;
  requirements?: string;
  bundle?: string;
}

interface Waiting {
  resolve: (result: unknown) => void;
  timer: number;
}

export interface LanguageEvents {
  onReady: () => void;
  onProblem: (problem: Problem) => void;
  onNotice: (method: string, params: unknown) => void;
}

const FILE = "user_script.py";
const ASK_MS = 15_000;
const AGAIN_MS = 5_000; // after a connection that broke, at the next word
const REFUSED = 4000;
const CAPABILITIES = {
  general: { positionEncodings: ["utf-16"] },
  textDocument: {
    completion: { completionItem: { snippetSupport: false, documentationFormat: ["plaintext"] } },
    hover: { contentFormat: ["plaintext"] },
    signatureHelp: { signatureInformation: { documentationFormat: ["plaintext"], parameterInformation: { labelOffsetSupport: true }, activeParameterSupport: true } },
    publishDiagnostics: { versionSupport: true },
  },
};

/**
 * One script's line to its language server. It opens itself, and again when something is asked after the server
 * was ended for being idle; a wish that was refused stays refused.
 */
export class LanguageClient {
  isReady = false;
  uri = "";
  version = 0;
  /** Whether the server says that scripts of old spellings run. */
  compatibility = false;
  private socket: WebSocket | null = null;
  private number = 0;
  private text = "";
  private said = "";
  private isOver = false;
  private broken = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly wish: LanguageWish,
    private readonly events: LanguageEvents,
  ) {}

  /** The script as it is now; the server hears it before anything is asked. */
  change(text: string): void {
    this.text = text;
    if (this.isReady) this.tell();
    else this.open();
  }

  /** The result, or null when there is none to be had. */
  async ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    if (!this.isReady) {
      this.open();
      return null;
    }
    this.tell();
    return this.request(method, { textDocument: { uri: this.uri }, ...params });
  }

  close(): void {
    this.isOver = true;
    this.end();
  }

  private open(): void {
    if (this.socket || this.isOver || Date.now() - this.broken < AGAIN_MS) return;
    const { protocol, host } = location;
    const socket = new WebSocket(`${protocol === "https:" ? "wss:" : "ws:"}//${host}/api/v1/language`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.wish));
    socket.onmessage = ({ data }) => this.socket === socket && this.hear(String(data));
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.end();
      if (code === REFUSED) this.isOver = true;
      else if (code < 4000) this.broken = Date.now();
    };
  }

  private end(): void {
    const { socket } = this;
    this.socket = null;
    this.isReady = false;
    for (const one of this.waiting.values()) {
      clearTimeout(one.timer);
      one.resolve(null);
    }
    this.waiting.clear();
    socket?.close();
  }

  private hear(data: string): void {
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (!isObject(message)) return;
    if (isObject(message.ready)) void this.begin(String(message.ready.folder), message.ready.compatibility === true);
    else if (Array.isArray(message.problems)) this.events.onProblem(message.problems[0] as unknown as Problem);
    else if (typeof message.method === "string" && "id" in message) this.send({ id: message.id, result: null });
    else if (typeof message.method === "string") this.events.onNotice(message.method, message.params);
    else if (typeof message.id === "number") {
      const one = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      clearTimeout(one?.timer);
      one?.resolve(message.result ?? null);
    }
  }

  private async begin(folder: string, compatibility: boolean): Promise<void> {
    this.compatibility = compatibility;
    const root = `file://${folder}`;
    this.uri = `${root}/${FILE}`;
    const found = await this.request("initialize", {
      processId: null,
      rootUri: root,
      workspaceFolders: [{ uri: root, name: "script" }],
      capabilities: CAPABILITIES,
      // names of everything installed would bury those of the script
      initializationOptions: { completions: { autoImport: false }, diagnosticMode: "openFilesOnly" },
    });
    if (found === null) return;
    this.send({ method: "initialized", params: {} });
    this.version = 1;
    this.said = this.text;
    this.send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri: this.uri, languageId: "python", version: this.version, text: this.text } },
    });
    this.isReady = true;
    this.events.onReady();
  }

  private tell(): void {
    if (this.said === this.text) return;
    this.said = this.text;
    this.version += 1;
    this.send({
      method: "textDocument/didChange",
      params: { textDocument: { uri: this.uri, version: this.version }, contentChanges: [{ text: this.text }] },
    });
  }

  private request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.number;
    return new Promise((resolve) => {
      const timer = window.setTimeout(() => {
        this.waiting.delete(id);
        resolve(null);
      }, ASK_MS);
      this.waiting.set(id, { resolve, timer });
      this.send({ id, method, params });
    });
  }

  private send(message: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }
}
