import type { Recurrence, Schedule } from "../../api/pipelines";
import type { Key } from "../../i18n/en";
import { t } from "../../i18n/i18n";

export const WEEK_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
export const FREQUENCIES = ["Minute", "Hour", "Day", "Week", "Month"] as const;

/** The name of a week day in the language of the page. */
export function dayName(day: string, weekday: "long" | "short" = "long"): string {
  const place = WEEK_DAYS.indexOf(day as (typeof WEEK_DAYS)[number]);
  // the first of January 2024 was a Monday
  return new Intl.DateTimeFormat(document.documentElement.lang, { weekday, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + place)));
}

/** When a schedule goes off, in words: "Every week, on Monday and Thursday, at 06:30 (Europe/Berlin)". */
export function scheduleWords(schedule: Pick<Schedule, "recurrence" | "watch" | "created_at">): string {
  if (schedule.watch) {
    const { place, every_minutes = 5 } = schedule.watch;
    const where = `${place.datastore}/${place.path}`;
    return t("schedules.whenChanged", { place: where, every: everyWords("Minute", every_minutes).toLocaleLowerCase(document.documentElement.lang) });
  }
  return schedule.recurrence ? recurrenceWords(schedule.recurrence, schedule.created_at ?? "") : "";
}

function everyWords(frequency: Recurrence["frequency"], interval: number): string {
  if (frequency === "Minute" && interval >= 60 && interval % 60 === 0) return everyWords("Hour", interval / 60);
  return interval === 1 ? t(`schedules.one.${frequency}` as Key) : t(`schedules.many.${frequency}` as Key, { count: interval });
}

export function recurrenceWords(rule: Recurrence, created: string): string {
  const { frequency, interval = 1, zone = "UTC", start } = rule;
  const parts = [everyWords(frequency, interval)];
  const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
  const begin = beginning(start, created, zone);
  if (frequency === "Week") {
    const days = rule.week_days?.length ? [...rule.week_days] : [WEEK_DAYS[(begin.weekday + 6) % 7] ?? "Monday"];
    days.sort((one, other) => WEEK_DAYS.indexOf(one as "Monday") - WEEK_DAYS.indexOf(other as "Monday"));
    parts.push(t("schedules.on", { days: list.format(days.map((day) => dayName(day))) }));
  }
  if (frequency === "Month") parts.push(t("schedules.onDay", { day: begin.day }));
  if (frequency === "Day" || frequency === "Week" || frequency === "Month") {
    const hours = rule.hours?.length ? rule.hours : [begin.hour];
    const minutes = rule.minutes?.length ? rule.minutes : [rule.hours?.length ? 0 : begin.minute];
    const times = hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)).sort();
    parts.push(`${t("schedules.at", { times: list.format(times) })} (${zone})`);
  }
  return parts.join(", ");
}

/** The wall clock at which a rule begins: its own start, else when the schedule was made. */
function beginning(start: string | null | undefined, created: string, zone: string): { weekday: number; day: number; hour: number; minute: number } {
  let wall = start ?? "";
  if (!wall) {
    const time = created ? new Date(created) : new Date();
    const parts = new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(time);
    wall = parts.replace(" ", "T");
  }
  const moment = new Date(`${wall.slice(0, 16)}Z`);
  return { weekday: moment.getUTCDay(), day: moment.getUTCDate(), hour: moment.getUTCHours(), minute: moment.getUTCMinutes() };
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
