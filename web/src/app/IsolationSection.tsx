import type { Doctor } from "../api/shapes";
import type { Key } from "../i18n/en";
import { en } from "../i18n/en";
import { t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";
import { Loading } from "../ui/Page";

/** The level that scripts run at, what it holds back, and why no stronger one is in force. */
export function IsolationSection({ doctor }: { doctor: Doctor | undefined }) {
  if (!doctor) {
    return (
      <section className="card stack-3">
        <h2>{t("compute.isolation")}</h2>
        <Loading what={t("isolation.trying")} />
      </section>
    );
  }
  const place = doctor.levels.findIndex((level) => level.level === doctor.isolation);
  const stronger = doctor.levels.slice(0, Math.max(place, 0)).find((level) => !level.proven);
  const key = `isolation.${doctor.isolation}` as Key;
  return (
    <section className="card stack-3">
      <h2>{t("compute.isolation")}</h2>
      <p>
        <strong className="mono">{doctor.isolation}</strong> {key in en && t(key)}
      </p>
      {stronger && <p className="muted">{t("isolation.why", { level: stronger.level, why: stronger.why_not })}</p>}
      <ul className="plain-list">
        {doctor.levels.map((level) => (
          <li key={level.level}>
            <span className={`state ${level.proven ? "completed" : "skipped"}`}>
              <Icon name={level.proven ? "done" : "skip"} />
            </span>
            <span className="mono">{level.level}</span>
            <span className="small muted grow">{level.proven ? t("compute.proven") : level.why_not}</span>
            {level.level === doctor.isolation && <span className="chip">{t("isolation.inForce")}</span>}
          </li>
        ))}
      </ul>
      {doctor.warnings.map((warning) => (
        <p key={warning} className="note warn small">
          <Icon name="warning" />
          {warning}
        </p>
      ))}
    </section>
  );
}
