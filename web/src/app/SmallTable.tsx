import type { Profile } from "../api/shapes";
import { formatCount, formatNumber, t } from "../i18n/i18n";

/** The first rows of a table with the types of its columns. */
export function SmallTable({ profile, rows }: { profile: Profile; rows: number }) {
  const { features, records, numberOfRows, numberOfColumns } = profile.data;
  return (
    <div className="stack">
      <div className="table-box" tabIndex={0} role="group" aria-label={t("visualize.rowsLabel")}>
        <table className="list small">
          <thead>
            <tr>
              {features.map((feature) => (
                <th key={feature.index} scope="col">
                  {feature.name}
                  <div className="muted">{feature.elementType}</div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.slice(0, rows).map((row, place) => (
              <tr key={place}>
                {row.map((cell, column) => (
                  <td key={column} className={typeof cell === "number" ? "num" : "cut"}>
                    {cell === null || typeof cell === "object" ? <span className="missing">{t("visualize.missing")}</span> : typeof cell === "number" ? formatNumber(cell, 6) : String(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">{t("visualize.size", { rows: formatCount(numberOfRows), columns: formatCount(numberOfColumns) })}</p>
    </div>
  );
}
