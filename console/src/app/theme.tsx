import { App, ConfigProvider, type ThemeConfig } from 'antd';
import english from 'antd/locale/en_US';
import chinese from 'antd/locale/zh_CN';
import { type ReactElement, type ReactNode, useSyncExternalStore } from 'react';
import { useWords } from './i18n.ts';

const family =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";
const mono = "ui-monospace, 'SF Mono', 'Cascadia Mono', Consolas, 'Noto Sans Mono', monospace";

/** Calm colours on paper, small radii, no shadows but those of layers: the same values as `styles.css`. */
const theme: ThemeConfig = {
  token: {
    colorPrimary: '#0b5c4a',
    colorInfo: '#2c5fa8',
    colorSuccess: '#17784a',
    colorWarning: '#9a5b00',
    colorError: '#b3261e',
    colorLink: '#0b5c4a',
    // Seeds this dark would give muddy grounds: these are chosen, not derived.
    colorPrimaryBg: '#e3f0eb',
    colorPrimaryBorder: '#9cc7b7',
    colorPrimaryHover: '#0f7a62',
    colorPrimaryActive: '#084636',
    colorSuccessBg: '#e7f5ed',
    colorSuccessBorder: '#a6d5bb',
    colorWarningBg: '#fdf4e1',
    colorWarningBorder: '#ecca88',
    colorErrorBg: '#fcedeb',
    colorErrorBorder: '#eeb4ae',
    colorInfoBg: '#ebf2fb',
    colorInfoBorder: '#aec7ea',
    colorText: '#1b2623',
    colorTextSecondary: '#4d5b57',
    colorTextDescription: '#5b6965',
    colorTextPlaceholder: '#6b7875',
    colorBorder: '#c9d3cf',
    colorBorderSecondary: '#e1e8e5',
    colorBgLayout: '#f3f6f5',
    borderRadius: 6,
    fontFamily: family,
    fontFamilyCode: mono,
    fontSize: 14,
    controlHeight: 34,
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.16s',
  },
  components: {
    Table: { headerBg: '#f7f9f8', headerColor: '#4d5b57', cellPaddingBlockSM: 7, rowHoverBg: '#f5f9f7' },
    Tabs: { horizontalMargin: '0 0 16px 0' },
    Alert: { withDescriptionPadding: '12px 16px' },
  },
};

/** The library's own spinner names itself to screen readers and outlives its work; ours does neither. */
const button = { autoInsertSpace: false, loadingIcon: <span className="spinner" aria-hidden="true" /> };

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const onCalm = (changed: () => void): (() => void) => {
  calm.addEventListener('change', changed);
  return () => calm.removeEventListener('change', changed);
};
const still: ThemeConfig = { ...theme, token: { ...theme.token, motion: false } };

/** Theme and language of the component library; the language follows the reader's choice, motion their system's. */
export function Look({ children }: { readonly children: ReactNode }): ReactElement {
  const { locale } = useWords();
  const moves = useSyncExternalStore(onCalm, () => !calm.matches);
  return (
    <ConfigProvider theme={moves ? theme : still} locale={locale === 'zh' ? chinese : english} button={button}>
      <App component={false}>{children}</App>
    </ConfigProvider>
  );
}
