#!/usr/bin/env bash
# Software:  mailparser 3.14.2 with Node.js 20, beside postal-mime 4.0.0
#
# Expected:  The text that is made of a mail without a text part has the words of its
#            HTML: letters keep their case, and the cells of a table stay apart.
# Behavior:  Headings come out in capital letters, and a code in them too. Cells of one
#            row are joined without a space. postal-mime makes no text of HTML: text is
#            undefined.
# Output:    the text of some bodies, at the end of this script.
# Why:       An end-to-end test that reads a code from a mail gets another one, or finds
#            no six digits that stand alone. Read the html instead.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund mailparser@3.14.2 postal-mime@4.0.0
cat >main.mjs <<'EOF'
import { simpleParser } from 'mailparser'
import PostalMime from 'postal-mime'

for (const body of [
	'<p>Code: kWx7Qp</p>',
	'<h1>Code: kWx7Qp</h1>',
	'<h1><a href="https://login.example/Verify?code=kWx7Qp">kWx7Qp</a></h1>',
	'<table><tr><td>Valid for 10</td><td>123456</td></tr></table>',
]) {
	const mail = `From: a@login.example\r\nSubject: Code\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${body}\r\n`
	const { text } = await simpleParser(mail)
	console.log(body, '->', JSON.stringify(text), 'postal-mime:', (await PostalMime.parse(mail)).text)
}
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
<p>Code: kWx7Qp</p> -> "Code: kWx7Qp" postal-mime: undefined
<h1>Code: kWx7Qp</h1> -> "CODE: KWX7QP" postal-mime: undefined
<h1><a href="https://login.example/Verify?code=kWx7Qp">kWx7Qp</a></h1> -> "KWX7QP [https://login.example/Verify?code=kWx7Qp]" postal-mime: undefined
<table><tr><td>Valid for 10</td><td>123456</td></tr></table> -> "Valid for 10123456" postal-mime: undefined
EOF
