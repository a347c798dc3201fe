import { useCallback, useEffect, useState } from "react";
import { problemsIn } from "../api/client";
import { useCatalogue, useDatasets, useDoctor } from "../api/queries";
import type { Dataset } from "../api/shapes";
import { Canvas } from "../canvas/Canvas";
import { DRAGGED } from "../canvas/dragged";
import { Outline } from "../canvas/Outline";
import { useDraft } from "../features/draft/useDraft";
import { Palette } from "../features/palette/Palette";
import { DATA_PORT, datasetName, titleOf } from "../graph/document";
import { addDataset, addModule } from "../graph/edits";
import { placeFor, placesOf } from "../graph/layout";
import type { Catalogue } from "../graph/module";
import { formatDay, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import type { MenuItem } from "../ui/Menu";
import { Menu } from "../ui/Menu";
import { Loading } from "../ui/Page";
import { Problems } from "../ui/Problems";
import { useKept } from "../ui/useKept";
import { ExperimentSide } from "./ExperimentSide";
import { DataSide } from "./experiment/DataSide";
import { exportAs } from "./experiment/exports";
import { ModuleSide } from "./experiment/ModuleSide";
import { ShownDialog } from "./experiment/ShownDialog";
import type { Shown } from "./experiment/shown";
import { StudioBar } from "./experiment/StudioBar";
import { useBoxMarks } from "./experiment/useBoxMarks";
import { useCommands } from "./experiment/useCommands";
import { useShortcuts } from "./experiment/useShortcuts";
import { go } from "./router";
import { Workbench } from "./Workbench";

export function ExperimentPage({ id }: { id: string | null }) {
  const catalogue = useCatalogue();
  if (catalogue.error) {
    return (
      <main className="page" id="main">
        <Problems problems={problemsIn(catalogue.error)} />
      </main>
    );
  }
  if (!catalogue.data) {
    return (
      <main className="page" id="main">
        <Loading what={t("ui.loading")} />
      </main>
    );
  }
  return <Studio id={id} catalogue={catalogue.data} />;
}

function Studio({ id, catalogue }: { id: string | null; catalogue: Catalogue }) {
  const onId = useCallback((next: string) => go(`/experiments/${next}`, true), []);
  const [newName] = useState(() => t("experiments.newName", { time: formatDay(new Date()) }));
  const draft = useDraft(id, catalogue, newName, onId);
  const datasets = useDatasets().data ?? [];
  const doctor = useDoctor().data;
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const { loads } = draft;
  useEffect(() => {
    setSelection(new Set());
    setEditing(null);
  }, [loads]);
  const [hasPalette, setPalette] = useKept("palette", innerWidth > 900);
  const [hasPane, setPane] = useKept("properties", true);
  const [isOutline, setOutline] = useState(false);
  const [editing, setEditing] = useState<{ node: string; parameter: string } | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [menu, setMenu] = useState<{ at: { x: number; y: number }; items: MenuItem[]; label: string } | null>(null);
  const [said, setSaid] = useState("");
  const { document: graph, change } = draft;
  const chosen = selection.size === 1 ? [...selection][0] : undefined;
  const node = chosen && chosen in graph.nodes ? chosen : undefined;

  const { canvasMarks, faults } = useBoxMarks(draft, catalogue, setSaid);
  const commands = useCommands({ draft, catalogue, datasets, selection, setSelection, setEditing, setShown, setPane, setSaid });
  const { artifactAt, visualize, portItems, nodeItems, openNode, rename, copy, pasteText, remove } = commands;
  useShortcuts({ draft, graph, selection, setSelection, setSaid, copy, pasteText, remove, rename, catalogue, showKeys: () => setShown({ kind: "shortcuts" }), isBusy: shown !== null || menu !== null });

  if (draft.isMissing) {
    return (
      <main className="page" id="main">
        <Problems problems={draft.problems} />
      </main>
    );
  }
  const savedNode = node && graph.nodes[node];
  return (
    <main className="studio" id="main" tabIndex={-1}>
      <StudioBar
        draft={draft}
        hasPalette={hasPalette}
        hasPane={hasPane}
        isOutline={isOutline}
        onPanes={(panes) => {
          if (panes.hasPalette !== undefined) setPalette(panes.hasPalette);
          if (panes.hasPane !== undefined) setPane(panes.hasPane);
          if (panes.isOutline !== undefined) setOutline(panes.isOutline);
        }}
        onShow={setShown}
        onMenu={setMenu}
        onExport={(kind) => void exportAs(kind, draft, graph)}
      />
      <div className={`studio-body ${hasPalette ? "" : "no-palette"} ${hasPane ? "" : "no-pane"}`}>
        {hasPalette && <Palette
          catalogue={catalogue}
          dragType={DRAGGED}
          datasets={datasets.map(paletteEntry)}
          onUpload={() => go("/datasets?upload=1")}
          onAdd={(item) => {
            const place = placeFor(placesOf(graph, catalogue), node);
            let made = "";
            change((now) => {
              const spec = item.kind === "module" ? catalogue.find(item.name) : undefined;
              const type = datasets.find((one) => one.name === item.name)?.artifact.type ?? "Dataset";
              const [next, fresh] = spec ? addModule(now, spec, place) : addDataset(now, item.name, type, place);
              made = fresh;
              return next;
            });
            setSaid(t("canvas.added", { name: item.name }));
            requestAnimationFrame(() => setSelection(new Set([made])));
          }}
        />}
        <div className="studio-middle">
          <div className="studio-notes">
            {draft.problems.length > 0 && (
              <>
                <Problems problems={draft.problems} />
                <div className="row">
                  {draft.problems.some((problem) => problem.code === "G207") && (
                    <Button small onClick={() => void draft.reload()}>
                      {t("studio.reload")}
                    </Button>
                  )}
                  <Button small onClick={draft.clearProblems}>
                    {t("ui.close")}
                  </Button>
                </div>
              </>
            )}
          </div>
          {isOutline ? (
            <Outline
              document={graph}
              catalogue={catalogue}
              marks={canvasMarks}
              faults={faults}
              selection={selection}
              onSelect={setSelection}
              onChange={change}
              onNodeMenu={(which, at) => setMenu({ at, items: nodeItems(which), label: titleOf(graph, which) })}
              onOpen={openNode}
            />
          ) : (
            <Canvas
              key={draft.loads}
              document={graph}
              catalogue={catalogue}
              marks={canvasMarks}
              faults={faults}
              datasets={datasets.map(paletteEntry)}
              selection={selection}
              isLocked={false}
              isFitted={draft.loads > 0}
              onSelect={setSelection}
              onChange={change}
              onNodeMenu={(which, at) => setMenu({ at, items: nodeItems(which), label: titleOf(graph, which) })}
              onPortMenu={(ref, side, at) => setMenu({ at, items: portItems(ref, side), label: ref.port })}
              onOpen={openNode}
              onSay={setSaid}
            />
          )}
        </div>
        {hasPane && <aside className="studio-side" aria-label={t("studio.properties")}>
          {savedNode ? (
            savedNode.module ? (
              <ModuleSide
                key={node}
                draft={draft}
                catalogue={catalogue}
                node={node}
                environments={Object.keys((doctor?.environments as { built?: Record<string, unknown> })?.built ?? {})}
                onEdit={(parameter) => setEditing({ node, parameter })}
                onVisualize={(port) => visualize({ node, port })}
                onLog={() => setShown({ kind: "log", node })}
              />
            ) : (
              <DataSide graph={graph} node={node} dataset={datasets.find((one) => one.name === datasetName(savedNode))} onVisualize={() => visualize({ node, port: DATA_PORT })} onChange={change} />
            )
          ) : (
            <ExperimentSide draft={draft} catalogue={catalogue} chosen={selection.size} onSelect={(which) => setSelection(new Set([which]))} />
          )}
        </aside>}
        {editing && editing.node in graph.nodes && (
          <Workbench
            key={editing.node}
            draft={draft}
            catalogue={catalogue}
            node={editing.node}
            parameter={editing.parameter}
            artifactAt={artifactAt}
            onClose={() => {
              setEditing(null);
              requestAnimationFrame(() => document.getElementById("canvas")?.focus());
            }}
          />
        )}
      </div>
      <div className="hidden-text" role="status" aria-live="polite">
        {said}
      </div>
      {menu && <Menu at={menu.at} items={menu.items} label={menu.label} onClose={() => setMenu(null)} />}
      {shown && <ShownDialog shown={shown} draft={draft} catalogue={catalogue} artifactAt={artifactAt} onSay={setSaid} onClose={() => setShown(null)} />}
    </main>
  );
}

function paletteEntry(dataset: Dataset) {
  return { name: dataset.name, type: dataset.artifact.type, rows: dataset.facts?.rows };
}
