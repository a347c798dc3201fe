import { useMemo } from "react";
import type { ScoredClasses } from "../../graph/scored-table";
import { classFigures, confusion } from "../../graph/scored-table";
import { formatCount, formatNumber, t } from "../../i18n/i18n";

/** The confusion matrix of several classes: true ones down, scored ones across; the darker, the larger the share. */
export function ClassMatrix({ name, table }: { name: string; table: ScoredClasses }) {
  const counts = useMemo(() => confusion(table), [table]);
  const figures = useMemo(() => classFigures(counts), [counts]);
  return (
    <section className="card stack">
      <h3>{name}</h3>
      <p className="small muted">
        {t("evaluation.accuracy")} <span className="num">{formatNumber(figures.accuracy, 4)}</span>
      </p>
      <div className="table-box" tabIndex={0} role="group" aria-label={`${t("evaluation.matrix")}: ${name}`}>
        <table className="matrix classes">
          <caption className="hidden-text">{t("evaluation.matrix")}</caption>
          <thead>
            <tr>
              <td className="small muted">{t("evaluation.trueByScored")}</td>
              {table.classes.map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">{t("evaluation.recall")}</th>
            </tr>
          </thead>
          <tbody>
            {table.classes.map((label, row) => {
              const all = (counts[row] ?? []).reduce((sum, one) => sum + one, 0);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {table.classes.map((other, column) => {
                    const count = counts[row]?.[column] ?? 0;
                    const share = Math.round((count / Math.max(all, 1)) * 55);
                    return (
                      <td key={other} style={{ background: `color-mix(in srgb, var(${row === column ? "--good" : "--bad"}) ${share}%, transparent)` }} title={`${label} → ${other}`}>
                        {formatCount(count)}
                      </td>
                    );
                  })}
                  <td className="num">{formatNumber(figures.recall[row] ?? 0, 3)}</td>
                </tr>
              );
            })}
            <tr>
              <th scope="row">{t("evaluation.precision")}</th>
              {table.classes.map((label, column) => (
                <td key={label} className="num">
                  {formatNumber(figures.precision[column] ?? 0, 3)}
                </td>
              ))}
              <td />
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}
