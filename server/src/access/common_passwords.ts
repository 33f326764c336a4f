/**
 * Passwords of twelve characters and more that lead every list of leaked ones. Shorter ones are refused for their length,
 * and repeats of few characters for those.
 */
export const common: ReadonlySet<string> = new Set(
  `123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 12345678910 123456789101 1234567891011
  123456789123 123456789abc 123456abcdef 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv
  1qazxsw23edc 987654321098 9876543210987 abc123456789 abcd12345678 abcdefghijkl abcdefghijklm abcdefghijklmnop
  abcdefg12345 abcdefgh1234 abcdefgh12345678 adminadmin12 adminadmin123 administrator administrator1 administrator123
  admin1234567 admin12345678 admin123456789 asdfghjkl123 asdfghjkl;'# asdfasdfasdf asdf12345678 baseball1234
  bananabanana chocolate123 changeme1234 changeme12345 changemenow1 changeit1234 correcthorsebatterystaple
  default12345 defaultpassword football1234 fuckyou12345 helloworld12 helloworld123 hello1234567 hello12345678
  iloveyou1234 iloveyou12345 iloveyou123456 iloveyouforever iloveyousomuch letmein12345 letmein123456 letmeinplease
  liverpool123 manchester1 manchesterunited michael12345 mypassword12 mypassword123 mypassword1234 p@ssw0rd1234
  p@ssword1234 p@ssw0rdp@ssw0rd pa$$word1234 passw0rd1234 passw0rd12345 password0000 password1111 password1234
  password12345 password123456 password1234567 password12345678 password123456789 password1234567890 password2020
  password2021 password2022 password2023 password2024 password2025 password2026 passwordpassword passwordpassword1
  password!123 password123! password1234! passwort1234 princess1234 q1w2e3r4t5y6 q1w2e3r4t5y6u7 q1w2e3r4t5y6u7i8
  qazwsxedc123 qazwsxedcrfv qazwsxedcrfvtgb qwer12345678 qwerasdfzxcv qwerty123456 qwerty1234567 qwerty12345678
  qwerty123456789 qwertyqwerty qwertyuiop10 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiop[]\\
  qwertyuiopas qwertyuiopasdf qwertyuiopasdfghjklzxcvbnm qwertz123456 rootroot1234 secret123456 secretpassword
  september123 spring202024 starwars1234 sunshine1234 superman1234 superman12345 thisismypassword trustno11234
  unbelievable welcome12345 welcome123456 welcome12345678 welcome123!@# whatever1234 zaq12wsxcde3 zaq1xsw2cde3
  zxcvbnm12345 zxcvbnm123456 zxcvbnmasdfghjkl mooringmooring mooring12345 mooringpassword`.split(/\s+/),
)
