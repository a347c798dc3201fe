import { t } from "../i18n/i18n";
import { Page } from "../ui/Page";
import { Tabs } from "../ui/Tabs";
import { CodeRuns } from "./pipelines/CodeRuns";
import { DraftList, EndpointList, ScheduleList } from "./pipelines/OtherLists";
import { PublishedList } from "./pipelines/PublishedList";
import { go } from "./router";

const TABS = ["published", "endpoints", "schedules", "drafts", "code"] as const;
type Tab = (typeof TABS)[number];

/** Everything of pipelines: published ones, endpoints, schedules, drafts, and runs from Python. */
export function PipelinesPage({ shown }: { shown: string | null }) {
  const tab: Tab = TABS.find((one) => one === shown) ?? "published";
  return (
    <Page title={t("nav.pipelines")} lead={t("pipelines.lead")}>
      <div>
        <Tabs
          label={t("nav.pipelines")}
          chosen={tab}
          onChoose={(next) => go(`/pipelines?show=${next}`, true)}
          tabs={TABS.map((key) => ({ key, title: t(`pipelines.tab.${key}`) }))}
        >
          {tab === "published" && <PublishedList />}
          {tab === "endpoints" && <EndpointList />}
          {tab === "schedules" && <ScheduleList />}
          {tab === "drafts" && <DraftList />}
          {tab === "code" && <CodeRuns />}
        </Tabs>
      </div>
    </Page>
  );
}
