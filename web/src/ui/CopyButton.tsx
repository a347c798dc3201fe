import { useState } from "react";
import { t } from "../i18n/i18n";
import { Button } from "./Button";

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false);
  return (
    <Button
      small
      icon={isDone ? "check" : "copy"}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setDone(true));
      }}
      onBlur={() => setDone(false)}
    >
      {isDone ? t("ui.copied") : (label ?? t("ui.copy"))}
    </Button>
  );
}
