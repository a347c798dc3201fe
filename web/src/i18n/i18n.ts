import { useSyncExternalStore } from "react";
import type { Key } from "./en";
import { en } from "./en";

/** Languages that the page speaks; those of the manuals of the old product. */
export type Language = "en" | "es" | "fr";
export const LANGUAGES: Record<Language, string> = { en: "English", es: "Español", fr: "Français" };
export type Messages = Record<Key, string>;

const KEPT = "skyloom.language";
const catalogues: Record<Exclude<Language, "en">, () => Promise<Messages>> = {
  es: async () => (await import("./es")).es,
  fr: async () => (await import("./fr")).fr,
};

let language: Language = "en";
let messages: Messages = en;
const listeners = new Set<() => void>();

/** The language that was chosen here, else the browser's, else English. */
export function wishedLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  const wishes = [kept, ...navigator.languages].map((one) => one?.slice(0, 2));
  return (wishes.find((one) => one && one in LANGUAGES) as Language | undefined) ?? "en";
}

export async function speak(wish: Language): Promise<void> {
  messages = wish === "en" ? en : await catalogues[wish]();
  language = wish;
  document.documentElement.lang = wish;
  for (const tell of listeners) tell();
}

/** Speak a language from now on, also next time. */
export function chooseLanguage(wish: Language): void {
  localStorage.setItem(KEPT, wish);
  void speak(wish);
}

/** Render again when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => language,
  );
}

/** A message of the catalogue; `{name}` in it is replaced by what is given. */
export function t(key: Key, given: Record<string, string | number> = {}): string {
  return messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(given[name] ?? whole));
}

/** Formatters by language and options: to make one costs more than to fill a row of a table. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const timeFormats = new Map<string, Intl.DateTimeFormat>();

function numberFormat(options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return kept(numberFormats, options, () => new Intl.NumberFormat(language, options));
}

function timeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(timeFormats, options, () => new Intl.DateTimeFormat(language, options));
}

function kept<Format>(formats: Map<string, Format>, options: object, make: () => Format): Format {
  const key = language + JSON.stringify(options);
  const found = formats.get(key) ?? make();
  formats.set(key, found);
  return found;
}

export function formatNumber(value: number, digits = 4): string {
  return numberFormat({ maximumSignificantDigits: Math.max(digits, 1) }).format(value);
}

export function formatCount(value: number): string {
  return numberFormat().format(value);
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${numberFormat({ maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0 }).format(size)} ${units[unit]}`;
}

/** A time for people: the clock today, the day and the clock else. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const day: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric", ...clock };
  return timeFormat(isToday ? clock : day).format(time);
}

export function formatDay(day: Date): string {
  return timeFormat({ dateStyle: "medium", timeStyle: "short" }).format(day);
}

/** Seconds for people: 0.07 s, 12.3 s, 4 min 5 s. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${formatNumber(seconds, seconds < 1 ? 2 : 3)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function secondsBetween(from: string, to: string | undefined | null): number {
  return Math.max(0, ((to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000);
}
