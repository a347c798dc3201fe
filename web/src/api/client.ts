import type { Json } from "../graph/json";
import { isObject } from "../graph/json";
import type { Problem } from "./shapes";

const API = "/api/v1";

/** What the server refused, problem by problem. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[],
  ) {
    super(problems.map((problem) => problem.message).join(" ") || `The server answered ${status}.`);
    this.name = "RefusedError";
  }
}

let csrf: Promise<string> | null = null;

/** The word that requests of this page must show; asked for once a session. */
function pageWord(): Promise<string> {
  csrf ??= fetch("/session", { headers: { Accept: "application/json" } }).then(async (reply) => {
    if (reply.status === 401) signInAgain();
    const body = (await reply.json()) as { csrf?: string | null };
    return body.csrf ?? "";
  });
  return csrf;
}

/** Leave for the sign-in page; what was on the screen is saved as a draft already. */
function signInAgain(): void {
  const here = encodeURIComponent(location.pathname + location.search);
  if (location.pathname !== "/signin") location.assign(`/signin?next=${here}`);
}

export type Query = Record<string, string | number | boolean | undefined>;

/** An address below the API with its query. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

interface Sending {
  body?: unknown;
  blob?: Blob;
  query?: Query;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** One request; throws RefusedError with every problem the server names. */
export async function send(method: string, path: string, sending: Sending = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...sending.headers };
  if (method !== "GET") headers["X-Skyloom-CSRF"] = await pageWord();
  if (sending.body !== undefined) headers["Content-Type"] = "application/json";
  if (sending.blob) headers["Content-Type"] = "application/octet-stream";
  const reply = await fetch(path.startsWith("/session") ? path : address(path, sending.query), {
    method,
    headers,
    body: sending.blob ?? (sending.body === undefined ? undefined : JSON.stringify(sending.body)),
    signal: sending.signal,
  });
  if (reply.ok) return reply;
  if (reply.status === 401) signInAgain();
  throw new RefusedError(reply.status, await problemsOf(reply));
}

async function problemsOf(reply: Response): Promise<Problem[]> {
  try {
    const body: unknown = await reply.json();
    if (isObject(body) && Array.isArray(body.problems)) return body.problems as unknown as Problem[];
    if (isObject(body) && typeof body.message === "string") return [body as unknown as Problem];
  } catch {
    // an answer that is no JSON says nothing beside its status
  }
  return [];
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await (await send("GET", path, { query, signal })).json()) as T;
}

export async function post<T>(path: string, body: unknown, query?: Query): Promise<T> {
  return (await (await send("POST", path, { body, query })).json()) as T;
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return (await (await send("PUT", path, { body })).json()) as T;
}

export async function remove<T>(path: string, query?: Query): Promise<T> {
  return (await (await send("DELETE", path, { query })).json()) as T;
}

/** Problems of anything that was thrown, for showing. */
export function problemsIn(error: unknown): Problem[] {
  if (error instanceof RefusedError) {
    return error.problems.length ? error.problems : [{ code: "", message: error.message }];
  }
  return [{ code: "", message: error instanceof Error ? error.message : String(error) }];
}

/** Send a file as an artifact, with the share that is done. */
export function upload(file: Blob, query: Query, onProgress: (share: number) => void): Promise<Json> {
  return uploadTo("/artifacts", file, query, onProgress);
}

/** Send a file with the share that is done; fetch tells nothing of uploads. */
export async function uploadTo(path: string, file: Blob, query: Query, onProgress: (share: number) => void): Promise<Json> {
  const word = await pageWord();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address(path, query));
    request.setRequestHeader("X-Skyloom-CSRF", word);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.total ? event.loaded / event.total : 0);
    request.onerror = () => reject(new Error("The connection to Skyloom was lost."));
    request.onload = () => {
      if (request.status < 300) {
        resolve(JSON.parse(request.responseText) as Json);
        return;
      }
      if (request.status === 401) signInAgain();
      try {
        const body = JSON.parse(request.responseText) as { problems?: Problem[] };
        reject(new RefusedError(request.status, body.problems ?? []));
      } catch {
        reject(new RefusedError(request.status, []));
      }
    };
    request.send(file);
  });
}

/** End this browser's session. */
export async function signOut(): Promise<void> {
  await send("DELETE", "/session");
  csrf = null;
  location.assign("/signin");
}
