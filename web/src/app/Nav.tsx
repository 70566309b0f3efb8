// The left bar: the pages there are.
import { useTranslation } from "react-i18next";
import { PAGES } from "@/pages";

export function Nav({ path }: { path: string }) {
  const { t } = useTranslation();
  return (
    <nav className="nav" aria-label={t("app:nav.label")}>
      {PAGES.map((page) => {
        if (!page.nav) return null;
        const { icon: Icon, label } = page.nav;
        const current = path === page.path || path.startsWith(`${page.path}/`);
        return (
          <a key={page.path} className="nav-item" href={`#${page.path}`} aria-current={current ? "page" : undefined}>
            <Icon size={20} strokeWidth={1.75} aria-hidden />
            <span>{t(label)}</span>
          </a>
        );
      })}
    </nav>
  );
}
