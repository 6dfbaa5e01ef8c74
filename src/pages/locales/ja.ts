import type { Texts } from './texts.ts';

export const ja: Texts = {
  dir: 'ltr',
  title: 'メンテナンス中',
  heading: 'まもなく再開します',
  lead: '{site} はメンテナンスのため一時的に停止しています。',
  leadAnywhere: 'このサイトはメンテナンスのため一時的に停止しています。',
  expected: '再開予定',
  noEnd: '再開の時刻はまだ決まっていません。',
  days: '日',
  hours: '時間',
  minutes: '分',
  seconds: '秒',
  overrun: '予定より時間がかかっています。引き続き作業を行っています。',
  waiting: 'このページを開いたままお待ちください。{site} が再開すると自動的に戻ります。',
  tryAgain: 'もう一度試す',
  reopeningHeading: 'もうすぐです',
  reopening: '{site} を再開しています。少々お待ちください。',
  openHeading: '再開しました',
  open: '{site} をご利用いただけます。',
  goThere: '{site} へ移動',
  neutralHeading: 'お待ちいただく必要はありません',
  neutral:
    'このアドレスにはメンテナンスの情報がありません。別のサイトから移動してきた場合は、すでに再開している可能性があります。元のサイトに戻って再読み込みしてください。',
  contact: 'お問い合わせ',
  statusPage: 'ステータスページ',
};
