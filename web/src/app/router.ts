import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
addEventListener("popstate", () => {
  for (const tell of listeners) tell();
});

/** Go to an address of the page. */
export function go(path: string, isReplaced = false): void {
  if (path === location.pathname + location.search) return;
  if (isReplaced) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  for (const tell of listeners) tell();
}

/** The address as it stands: path in parts, and the query. */
export function useAddress(): { parts: string[]; query: URLSearchParams } {
  const text = useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => location.pathname + location.search,
  );
  const [path = "/", query = ""] = text.split("?");
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}
