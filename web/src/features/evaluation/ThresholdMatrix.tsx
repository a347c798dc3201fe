import { figuresAt } from "../../graph/evaluation";
import { formatCount, formatNumber, t } from "../../i18n/i18n";
import type { Model } from "./CurveChart";

/** The confusion matrix of two classes at a threshold. */
export function ThresholdMatrix({ model, threshold }: { model: Model; threshold: number }) {
  const figures = figuresAt(model.curve, threshold);
  return (
    <section className="card stack">
      <h3>{model.name}</h3>
      <table className="matrix">
        <caption className="hidden-text">{t("evaluation.matrix")}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("evaluation.calledPositive")}</th>
            <th scope="col">{t("evaluation.calledNegative")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("evaluation.isPositive")}</th>
            <td className="right">{formatCount(figures.truePositive)}</td>
            <td>{formatCount(figures.falseNegative)}</td>
          </tr>
          <tr>
            <th scope="row">{t("evaluation.isNegative")}</th>
            <td>{formatCount(figures.falsePositive)}</td>
            <td className="right">{formatCount(figures.trueNegative)}</td>
          </tr>
        </tbody>
      </table>
      <dl className="figures">
        {(["accuracy", "precision", "recall", "f1"] as const).map((name) => (
          <div key={name}>
            <dt>{t(`evaluation.${name}`)}</dt>
            <dd className="num">{formatNumber(figures[name], 3)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
