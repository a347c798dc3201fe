import type { Dataset } from "../../api/shapes";
import type { Draft } from "../../features/draft/useDraft";
import type { GraphDocument } from "../../graph/document";
import { canVisualize } from "../../graph/data-type";
import { titleOf } from "../../graph/document";
import { setFields } from "../../graph/edits";
import { t } from "../../i18n/i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";

interface Props {
  graph: GraphDocument;
  node: string;
  dataset?: Dataset;
  onVisualize: () => void;
  onChange: Draft["change"];
}

/** The pane of a chosen saved dataset. */
export function DataSide({ graph, node, dataset, onVisualize, onChange }: Props) {
  const body = graph.nodes[node];
  return (
    <div className="pane">
      <header className="pane-head">
        <h2>{titleOf(graph, node)}</h2>
        <p className="muted small">{dataset?.description || t("pane.savedDataset")}</p>
      </header>
      {dataset ? (
        <>
          <dl className="facts">
            <dt>{t("datasets.version")}</dt>
            <dd>{dataset.version}</dd>
            {dataset.facts?.rows !== undefined && (
              <>
                <dt>{t("datasets.rows")}</dt>
                <dd>{dataset.facts.rows}</dd>
                <dt>{t("datasets.columns")}</dt>
                <dd>{dataset.facts.columns}</dd>
              </>
            )}
            <dt>{t("datasets.type")}</dt>
            <dd>{dataset.artifact.type}</dd>
          </dl>
          <div>
            <Button icon="eye" disabled={!canVisualize(dataset.artifact.type)} onClick={onVisualize}>
              {t("menu.visualize")}
            </Button>
          </div>
        </>
      ) : (
        <p className="note warn">
          <Icon name="warning" /> {t("pane.noSuchDataset")}
        </p>
      )}
      <div className="field">
        <label htmlFor="data-comment">{t("pane.comment")}</label>
        <textarea id="data-comment" data-field="comment" className="area" rows={2} value={body?.comment ?? ""} onChange={(event) => onChange((now) => setFields(now, node, { comment: event.target.value }), `comment ${node}`)} />
      </div>
    </div>
  );
}
