import { t } from "../i18n/i18n";
import { Icon } from "./Icon";

export interface ShownProblem {
  code: string;
  message: string;
  where?: string;
  fix?: string;
  traceback?: string;
}

/** Problems in the shape they have everywhere: what, where, the way out, and the user's own traceback. */
export function Problems({ problems }: { problems: ShownProblem[] }) {
  if (!problems.length) return null;
  return (
    <div className="stack" role="alert">
      {problems.map((problem, place) => (
        <div key={`${problem.code}-${place}`} className="note bad">
          <Icon name="cross" />
          <div className="stack grow">
            <div>
              <strong>{problem.message}</strong>
              {problem.code && <span className="small muted mono"> {problem.code}</span>}
            </div>
            {problem.where && (
              <div className="small">
                {t("problem.where")} <span className="mono">{problem.where}</span>
              </div>
            )}
            {problem.fix && <div className="small">{problem.fix}</div>}
            {problem.traceback && <pre className="code wrap-lines">{problem.traceback}</pre>}
          </div>
        </div>
      ))}
    </div>
  );
}
