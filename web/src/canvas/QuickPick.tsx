import type { GraphDocument, PortRef } from "../graph/document";
import { titleOf } from "../graph/document";
import type { Place } from "../graph/edits";
import type { Catalogue } from "../graph/module";
import { t } from "../i18n/i18n";
import { Pick } from "../ui/Pick";
import type { Dragged } from "./dragged";
import { addable, linkable } from "./offers";

/** A list that is open on the canvas: what to add and where, or what to link a node to. */
export type Quick = { at?: { x: number; y: number }; place: Place; from?: PortRef; side?: "in" | "out"; kind: "add" | "link" };

interface Props {
  quick: Quick;
  document: GraphDocument;
  catalogue: Catalogue;
  datasets: { name: string; type: string }[];
  node: string;
  onAdd: (dragged: Dragged) => void;
  onJoin: (source: PortRef, target: PortRef) => void;
  onClose: () => void;
}

/** A list with search for all that a mouse drags: the same words for everybody. */
export function QuickPick({ quick, document, catalogue, datasets, node, onAdd, onJoin, onClose }: Props) {
  if (quick.kind === "add") {
    return (
      <Pick
        label={t("canvas.quickAdd")}
        at={quick.at}
        choices={addable(document, catalogue, datasets, quick.from, quick.side)}
        onClose={onClose}
        onChoose={(choice) => {
          const [kind, name] = choice.key.split("\n") as [Dragged["kind"], string];
          onAdd({ kind, name });
          onClose();
        }}
      />
    );
  }
  return (
    <Pick
      label={t("canvas.linkTo", { name: titleOf(document, node) })}
      choices={linkable(document, catalogue, node)}
      onClose={onClose}
      onChoose={(choice) => {
        const [from = "", output = "", to = "", input = ""] = choice.key.split("\n");
        onJoin({ node: from, port: output }, { node: to, port: input });
        onClose();
      }}
    />
  );
}
