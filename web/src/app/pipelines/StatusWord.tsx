import "../../features/pipelines/pipelines.css";
import { t } from "../../i18n/i18n";

/** Active or disabled, as a mark and a word. */
export function StatusWord({ isActive }: { isActive: boolean }) {
  return <span className={`status-word ${isActive ? "" : "off"}`}>{t(isActive ? "pipelines.active" : "pipelines.disabled")}</span>;
}
