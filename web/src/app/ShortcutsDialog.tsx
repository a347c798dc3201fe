import type { Key } from "../i18n/en";
import { t } from "../i18n/i18n";
import { Dialog } from "../ui/Dialog";

const KEYS: [string, Key][] = [
  ["/", "keys.add"],
  ["← ↑ → ↓", "keys.walk"],
  ["Alt+← ↑ → ↓", "keys.move"],
  ["c", "keys.link"],
  ["Enter", "keys.open"],
  ["m", "keys.menu"],
  ["Del", "keys.delete"],
  ["F2", "keys.rename"],
  ["d", "keys.disable"],
  ["F5", "keys.run"],
  ["Ctrl+Enter", "keys.runSelected"],
  ["Ctrl+Z / Ctrl+Shift+Z", "keys.undo"],
  ["Ctrl+C / Ctrl+V / Ctrl+D", "keys.copy"],
  ["Ctrl+A", "keys.all"],
  ["Ctrl+S", "keys.save"],
  ["f, +, -", "keys.zoom"],
  ["Ctrl+K", "keys.find"],
  ["Esc, Tab", "keys.leaveEditor"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("studio.shortcuts")} onClose={onClose}>
      <dl className="key-list">
        {KEYS.map(([keys, what]) => (
          <div key={keys} style={{ display: "contents" }}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
