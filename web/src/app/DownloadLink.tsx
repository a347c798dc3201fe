import { contentAddress } from "../api/queries";
import type { Artifact } from "../api/shapes";
import { t } from "../i18n/i18n";
import { Icon } from "../ui/Icon";

/** A button that saves stored content: a table as CSV, everything else as it is. */
export function DownloadLink({ artifact, name }: { artifact: Artifact; name: string }) {
  const isTable = artifact.type === "Dataset";
  const label = t("datasets.download", { name });
  return (
    <a className="button icon plain small" href={contentAddress(artifact, isTable ? "csv" : "raw", isTable ? `${name}.csv` : name)} download aria-label={label} title={label}>
      <Icon name="download" />
    </a>
  );
}
