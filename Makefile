# make demo [PORT=8000]     the portal with demo data, on SQLite
# make test [DB=postgres]   lint and the whole suite
# make lint · make lock     the checks alone · new pins from pyproject.toml
# make bench [BAR=n]        speed and weight, each as a ratio in one run

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: demo test lint lock bench packages again

# Workers, servers and commands of one run read the same files: compiled once, not by each of them.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check
PYTEST ?= -n 2

STATIC := $(shell find static -type f 2>/dev/null)
MIGRATIONS := $(wildcard */migrations/*.py)
# The commands of the demo talk to the demo's own settings, whatever else the shell has exported.
DEMO := env -u DJANGO_SETTINGS_MODULE SITE_URL=http://127.0.0.1:$(PORT)

demo: var/static.stamp var/demo.stamp
	@cat var/demo.txt
	@echo
	@echo "联络站已启动：http://127.0.0.1:$(PORT)/    演示账号列在登录页：http://127.0.0.1:$(PORT)/office/login/    按 Ctrl+C 停止"
	@exec $(DEMO) $(VENV)/bin/gunicorn liaison.wsgi --workers 2 --timeout 30 --no-control-socket --bind 127.0.0.1:$(PORT)

test: $(VENV)/dev.stamp packages
ifndef SKIP_LINT
	@$(MAKE) --no-print-directory lint
endif
ifeq ($(DB),postgres)
	tests/postgres.sh run $(RUN) -m pytest $(PYTEST)
else
	env -u TEST_DATABASE_URL $(RUN) -m pytest $(PYTEST)
endif

lint: $(VENV)/dev.stamp
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check --quiet .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	$(RUN) manage.py makemigrations --check --dry-run --settings tests.settings
	$(RUN) manage.py check --fail-level WARNING --settings tests.settings

bench: $(VENV)/dev.stamp
	$(RUN) -m tests.bench

lock:
	$(PYTHON) -m venv var/lock
	var/lock/bin/pip install --quiet uv
	var/lock/bin/uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	var/lock/bin/uv pip compile pyproject.toml --group dev $(LOCK) -c requirements.txt -o requirements-dev.txt
	rm -r var/lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高版本；可用 PYTHON=路径 指定。"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv; } || { echo "请先运行：sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip

# The development set holds the main one, pin for pin.
$(VENV)/main.stamp: requirements.txt | $(VENV)/bin/python
	@echo "正在安装依赖……"
	$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "正在安装依赖……"
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/main.stamp

.env:
	@umask 077; key() { $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))'; }; \
	printf '%s\n' "SECRET_KEY=$$(key)" "CODE_KEY=$$(key)" ALLOWED_HOSTS=localhost,127.0.0.1 \
		DATABASE_URL=sqlite:///var/portal.sqlite3 HTTPS=False DEMO=True > .env
	@echo "已生成 .env（演示用的密钥和设置）。"

var/static.stamp: $(VENV)/main.stamp $(STATIC) | .env
	@mkdir -p var
	@echo "正在准备样式文件……"
	@$(DEMO) $(RUN) manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

# Built again when a migration is new or the database file is gone. Progress goes to stderr, the accounts to the file.
var/demo.stamp: $(VENV)/main.stamp $(MIGRATIONS) $(if $(wildcard var/portal.sqlite3),,again) | .env
	@mkdir -p var
	@$(DEMO) $(RUN) manage.py migrate --noinput --verbosity 0
	@$(DEMO) $(RUN) manage.py demo > var/demo.txt
	@touch $@

# What the tests need beside Python. Root installs it; others read the command; REQUIRE_ALL=1 makes an absence a failure.
PACKAGES = $(strip \
	$(if $(shell command -v chromium-headless-shell || command -v chromium),,chromium-headless-shell) \
	$(if $(shell fc-list 2>/dev/null | grep -i -m1 'noto.*cjk'),,fonts-noto-cjk fontconfig) \
	$(if $(shell command -v pdftotext),,poppler-utils) \
	$(if $(wildcard /usr/lib/postgresql/*/bin/initdb),,postgresql))

packages:
	@missing="$(PACKAGES)"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "正在安装 $$missing ……"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null && exit 0; \
	fi; \
	echo "缺少部分测试所需的软件，请运行：sudo apt-get install $$missing"; \
	[ -z "$${REQUIRE_ALL:-}" ]
