import { t } from "../i18n/i18n";
import { Empty, Page } from "../ui/Page";
import { Link } from "./Link";

export function NotFound() {
  return (
    <Page title={t("notFound.title")}>
      <Empty title={t("notFound.text")}>
        <Link href="/" className="button">
          {t("nav.home")}
        </Link>
      </Empty>
    </Page>
  );
}
