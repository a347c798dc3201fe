import { lazy, Suspense, useEffect, useState } from "react";
import type { Key } from "../i18n/en";
import { t, useLanguage } from "../i18n/i18n";
import type { IconName } from "../ui/Icon";
import { Icon } from "../ui/Icon";
import { Loading } from "../ui/Page";
import { HomePage } from "./HomePage";
import { Link } from "./Link";
import { NotFound } from "./NotFound";
import { QuickFind } from "./QuickFind";
import { useAddress } from "./router";
import { useDroppedGraph } from "./useDroppedGraph";

const ImportDialog = lazy(async () => ({ default: (await import("./ImportDialog")).ImportDialog }));
const ExperimentPage = lazy(async () => ({ default: (await import("./ExperimentPage")).ExperimentPage }));
const ExperimentsPage = lazy(async () => ({ default: (await import("./ExperimentsPage")).ExperimentsPage }));
const RunsPage = lazy(async () => ({ default: (await import("./RunsPage")).RunsPage }));
const RunPage = lazy(async () => ({ default: (await import("./RunPage")).RunPage }));
const ComparePage = lazy(async () => ({ default: (await import("./ComparePage")).ComparePage }));
const DatasetsPage = lazy(async () => ({ default: (await import("./DatasetsPage")).DatasetsPage }));
const ServicesPage = lazy(async () => ({ default: (await import("./ServicesPage")).ServicesPage }));
const ServicePage = lazy(async () => ({ default: (await import("./ServicePage")).ServicePage }));
const PipelinesPage = lazy(async () => ({ default: (await import("./PipelinesPage")).PipelinesPage }));
const PublishedPipelinePage = lazy(async () => ({ default: (await import("./pipelines/PublishedPipelinePage")).PublishedPipelinePage }));
const PipelineEndpointPage = lazy(async () => ({ default: (await import("./pipelines/PipelineEndpointPage")).PipelineEndpointPage }));
const SchedulePage = lazy(async () => ({ default: (await import("./pipelines/SchedulePage")).SchedulePage }));
const DraftPage = lazy(async () => ({ default: (await import("./pipelines/DraftPage")).DraftPage }));
const ModelsPage = lazy(async () => ({ default: (await import("./ModelsPage")).ModelsPage }));
const DatastoresPage = lazy(async () => ({ default: (await import("./DatastoresPage")).DatastoresPage }));
const EnvironmentsPage = lazy(async () => ({ default: (await import("./EnvironmentsPage")).EnvironmentsPage }));
const ComputePage = lazy(async () => ({ default: (await import("./ComputePage")).ComputePage }));
const SettingsPage = lazy(async () => ({ default: (await import("./SettingsPage")).SettingsPage }));

const RAIL: { path: string; icon: IconName; name: Key }[] = [
  { path: "", icon: "home", name: "nav.home" },
  { path: "experiments", icon: "flow", name: "nav.experiments" },
  { path: "runs", icon: "runs", name: "nav.runs" },
  { path: "datasets", icon: "table", name: "nav.datasets" },
  { path: "models", icon: "brain", name: "nav.models" },
  { path: "services", icon: "service", name: "nav.services" },
  { path: "pipelines", icon: "pipe", name: "nav.pipelines" },
  { path: "compute", icon: "chip", name: "nav.compute" },
  { path: "datastores", icon: "store", name: "nav.datastores" },
  { path: "environments", icon: "box", name: "nav.environments" },
  { path: "settings", icon: "gear", name: "nav.settings" },
];

/** The frame: where one can go at the left, the page beside it. */
export function App() {
  useLanguage();
  const { parts, query } = useAddress();
  const [isFinding, setFinding] = useState(false);
  useEffect(() => {
    const find = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setFinding(true);
      }
    };
    addEventListener("keydown", find);
    return () => removeEventListener("keydown", find);
  }, []);
  const [place = "", which, id] = parts;
  const [file, setFile] = useState<File | null>(null);
  useDroppedGraph(place !== "datasets", setFile); // there a file that is dropped becomes data
  useEffect(() => {
    const name = RAIL.find((one) => one.path === place)?.name;
    document.title = name && place ? `${t(name)} · Skyloom` : "Skyloom";
  }, [place]);
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>
        {t("nav.skip")}
      </a>
      <nav className="rail" aria-label={t("nav.label")}>
        {RAIL.map((one) => (
          <Link key={one.path} href={`/${one.path}`} aria-current={one.path === place ? "page" : undefined}>
            <Icon name={one.icon} size={19} />
            <span>{t(one.name)}</span>
          </Link>
        ))}
        <button type="button" className="rail-find" onClick={() => setFinding(true)} title="Ctrl+K">
          <Icon name="search" size={19} />
          <span>{t("nav.find")}</span>
        </button>
      </nav>
      <Suspense fallback={<div className="page"><Loading what={t("ui.loading")} /></div>}>
        <Route place={place} which={which} id={id} query={query} />
      </Suspense>
      {file && (
        <Suspense fallback={null}>
          <ImportDialog key={file.name} file={file} onClose={() => setFile(null)} />
        </Suspense>
      )}
      {isFinding && <QuickFind onClose={() => setFinding(false)} />}
    </div>
  );
}

function Route({ place, which, id, query }: { place: string; which: string | undefined; id: string | undefined; query: URLSearchParams }) {
  switch (place) {
    case "":
      return <HomePage />;
    case "experiments":
      return which ? <ExperimentPage id={which === "new" ? null : which} /> : <ExperimentsPage />;
    case "runs":
      return which ? <RunPage key={which} id={which} node={query.get("node") ?? ""} /> : <RunsPage />;
    case "compare":
      return <ComparePage runs={(query.get("runs") ?? "").split(",").filter(Boolean)} />;
    case "datasets":
      return <DatasetsPage shown={query.get("name")} />;
    case "services":
      return which ? <ServicePage key={which} id={which} /> : <ServicesPage />;
    case "pipelines":
      return which ? <PipelinePart which={which} id={id} /> : <PipelinesPage shown={query.get("show")} />;
    case "models":
      return <ModelsPage shown={query.get("name")} />;
    case "datastores":
      return <DatastoresPage shown={query.get("name")} path={query.get("path") ?? ""} />;
    case "environments":
      return <EnvironmentsPage shown={query.get("digest")} />;
    case "compute":
      return <ComputePage />;
    case "settings":
      return <SettingsPage />;
    default:
      return <NotFound />;
  }
}

/** /pipelines/ID is a published pipeline; endpoints, schedules and drafts have their noun before the id. */
function PipelinePart({ which, id }: { which: string; id: string | undefined }) {
  if (id === undefined) return <PublishedPipelinePage key={which} id={which} />;
  switch (which) {
    case "endpoints":
      return <PipelineEndpointPage key={id} id={id} />;
    case "schedules":
      return <SchedulePage key={id} id={id} />;
    case "drafts":
      return <DraftPage key={id} id={id} />;
    default:
      return <NotFound />;
  }
}
