#include "sql/alter_table.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/cluster_by_auto.h"
#include "sql/column_clauses.h"
#include "sql/lexer.h"
#include "sql/quote.h"
#include "sql/statement_rewriter.h"
#include "sql/type_names.h"

namespace tarn::sql {
namespace {

class Reader {
public:
    Reader(const TokenCursor& cursor, const EngineStatement& engine)
        : cursor_(cursor), tokens_(cursor.tokens()), alter_{{}, false, {}, {}, engine} {}

    std::optional<AlterTable> Read() {
        if (cursor_.AcceptWords({"COMMENT", "ON"})) return ReadCommentOn();
        if (!cursor_.AcceptWords({"ALTER", "TABLE"})) return std::nullopt;
        alter_.if_exists = cursor_.AcceptWords({"IF", "EXISTS"});
        alter_.table = cursor_.ExpectQualifiedName("a table name");
        if (cursor_.AtWords({"RENAME", "TO"}) || !ReadAction()) return std::nullopt;
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
        return std::move(alter_);
    }

private:
    // COMMENT ON TABLE name | COLUMN table.column IS 'text' | NULL
    std::optional<AlterTable> ReadCommentOn() {
        const bool is_column = cursor_.AcceptWord("COLUMN");
        if (!is_column && !cursor_.AcceptWord("TABLE")) return std::nullopt;
        const TextPosition position = cursor_.Peek().position;
        std::vector<std::string> parts = ReadColumnPath(cursor_);
        AlterColumn column;
        column.change = AlterColumn::Change::kSetComment;
        if (is_column) {
            if (parts.size() < 2) cursor_.FailExpected("table.column");
            column.path = {std::move(parts.back())};
            parts.pop_back();
        }
        alter_.table = {std::move(parts), position};
        cursor_.ExpectWord("IS");
        if (!cursor_.AcceptWord("NULL")) column.text = cursor_.ExpectString("a text, or NULL");
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
        if (is_column) {
            Add(std::move(column));
        } else {
            Add(SetTableComment{std::move(column.text)});
        }
        return std::move(alter_);
    }

    void Add(AlterAction action) { alter_.actions.push_back(std::move(action)); }

    bool ReadAction() {
        if (cursor_.AcceptWord("ADD")) return ReadAdd();
        if (cursor_.AcceptWord("DROP")) return ReadDrop();
        if (cursor_.AcceptWord("RENAME")) return ReadRename();
        if (cursor_.AcceptWord("SET")) return ReadSet();
        if (cursor_.AcceptWord("UNSET")) return ReadUnset();
        if (cursor_.AcceptWord("ALTER")) return ReadAlterColumns();
        if (cursor_.AcceptWord("CHANGE")) return ReadChange();
        if (cursor_.AcceptWords({"REPLACE", "COLUMNS"})) return ReadReplace();
        if (!cursor_.AcceptWords({"CLUSTER", "BY"})) return false;
        if (cursor_.AcceptWord("NONE")) return Add(SetClustering{}), true;
        if (cursor_.AcceptWord("AUTO")) return Add(SetProperties{{{kClusterByAuto, "true"}}}), true;
        SetClustering clustering;
        cursor_.ExpectSymbol("(");
        do clustering.columns.push_back(ReadColumnPath(cursor_));
        while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
        Add(std::move(clustering));
        return true;
    }

    bool ReadAdd() {
        std::vector<CheckClause> checks;
        if (ReadCheck(cursor_, checks)) {
            Add(AddCheck{std::move(checks[0])});
            return true;
        }
        if (auto key = ReadKeyWords(cursor_)) {
            if (!cursor_.AtSymbol("(")) cursor_.FailExpected("'('");
            return PassOverKey(*std::move(key));
        }
        const bool has_columns = cursor_.AcceptWord("COLUMNS");
        if (!has_columns) cursor_.AcceptWord("COLUMN");
        const bool has_list = (has_columns || cursor_.AtSymbol("(")) && cursor_.AcceptSymbol("(");
        do Add(ReadNewColumn());
        while (has_list && cursor_.AcceptSymbol(","));
        if (has_list) cursor_.ExpectSymbol(")");
        return true;
    }

    // Whatever more is said of a key: no table keeps one.
    bool PassOverKey(std::string key) {
        while (!cursor_.AtEnd()) cursor_.SkipGroup();
        alter_.unenforced.push_back(std::move(key));
        return true;
    }

    // (column type [NOT NULL] [COMMENT '...'], ...)
    bool ReadReplace() {
        ReplaceColumns replace;
        cursor_.ExpectSymbol("(");
        do {
            const TextPosition at = cursor_.Peek().position;
            AddColumn column = ReadNewColumn();
            if (column.path.size() > 1 || column.place || column.if_not_exists ||
                column.clauses.GivesValues()) {
                throw Error(ErrorKind::kInvalidInput,
                            "REPLACE COLUMNS takes names, types, NOT NULL and COMMENT; places and "
                            "values are given by ALTER COLUMN")
                    .At(SpotOf(at));
            }
            for (const AddColumn& other : replace.columns) {
                if (!EqualsIgnoreCase(other.path[0], column.path[0])) continue;
                throw Error(ErrorKind::kInvalidInput, "the column {} is given twice",
                            column.path[0])
                    .At(SpotOf(at));
            }
            replace.columns.push_back(std::move(column));
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
        Add(std::move(replace));
        return true;
    }

    AddColumn ReadNewColumn() {
        AddColumn add;
        add.if_not_exists = cursor_.AcceptWords({"IF", "NOT", "EXISTS"});
        add.path = ReadColumnPath(cursor_);
        auto [type, rules] = ReadColumnType(cursor_);
        add.type = std::move(type);
        add.clauses.column = add.path.back();
        add.clauses.not_null_fields = std::move(rules.not_null);
        add.clauses.text_limits = OwnLimits(std::move(rules.text_limits));
        std::vector<CheckClause> checks;
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")")) {
            if (cursor_.AcceptWords({"NOT", "NULL"})) {
                add.is_not_null = true;
            } else if (cursor_.AcceptWord("COMMENT")) {
                add.comment = cursor_.ExpectString("the text of the comment");
            } else if (auto place = ReadPlace(cursor_)) {
                add.place = std::move(place);
            } else if (!ReadColumnClause(cursor_, add.clauses, checks)) {
                cursor_.FailExpected("NOT NULL, DEFAULT, COMMENT, FIRST or AFTER");
            }
        }
        for (CheckClause& check : checks) Add(AddCheck{std::move(check)});
        return add;
    }

    bool ReadDrop() {
        if (cursor_.AcceptWord("CONSTRAINT")) {
            DropCheck drop;
            drop.if_exists = cursor_.AcceptWords({"IF", "EXISTS"});
            drop.name = cursor_.ExpectName("a constraint's name");
            if (!cursor_.AcceptWord("RESTRICT")) cursor_.AcceptWord("CASCADE");
            Add(std::move(drop));
            return true;
        }
        if (cursor_.AtWords({"PRIMARY", "KEY"}) || cursor_.AtWords({"FOREIGN", "KEY"}))
            return PassOverKey(*ReadKeyWords(cursor_));
        const bool has_columns = cursor_.AcceptWord("COLUMNS");
        if (!has_columns) cursor_.AcceptWord("COLUMN");
        DropColumns drop;
        drop.if_exists = cursor_.AcceptWords({"IF", "EXISTS"});
        const bool has_list = cursor_.AcceptSymbol("(");
        do drop.paths.push_back(ReadColumnPath(cursor_));
        while (has_list && cursor_.AcceptSymbol(","));
        if (has_list) cursor_.ExpectSymbol(")");
        Add(std::move(drop));
        return true;
    }

    bool ReadRename() {
        cursor_.AcceptWord("COLUMN");
        RenameColumn rename;
        rename.path = ReadColumnPath(cursor_);
        cursor_.ExpectWord("TO");
        rename.new_name = cursor_.ExpectName("a column name");
        Add(std::move(rename));
        return true;
    }

    bool ReadSet() {
        if (!cursor_.AcceptWord("TBLPROPERTIES")) return false;
        Add(SetProperties{ReadProperties(cursor_)});
        return true;
    }

    bool ReadUnset() {
        if (!cursor_.AcceptWord("TBLPROPERTIES")) return false;
        Add(ReadUnsetProperties(cursor_));
        return true;
    }

    // ALTER [COLUMN] a changes [, b changes]
    bool ReadAlterColumns() {
        cursor_.AcceptWord("COLUMN");
        do {
            const std::vector<std::string> path = ReadColumnPath(cursor_);
            do ReadColumnChange(path);
            while (!cursor_.AtEnd() && !cursor_.AtSymbol(","));
        } while (cursor_.AcceptSymbol(","));
        return true;
    }

    // CHANGE [COLUMN] a a type [COMMENT '...'] [FIRST | AFTER b], as Hive spells it; or as ALTER.
    bool ReadChange() {
        cursor_.AcceptWord("COLUMN");
        std::vector<std::string> path = ReadColumnPath(cursor_);
        std::optional<std::string> name;
        if (AtHiveChange(path.back())) {
            name = cursor_.ExpectName("a column name");
            AlterColumn retyped;
            retyped.path = path;
            ReadNewType(retyped);
            Add(std::move(retyped));
        }
        while (!cursor_.AtEnd()) ReadColumnChange(path);
        if (name && *name != path.back()) Add(RenameColumn{std::move(path), *std::move(name)});
        return true;
    }

    void ReadNewType(AlterColumn& alter) {
        auto [type, rules] = ReadColumnType(cursor_);
        alter.text = std::move(type);
        alter.text_limits = OwnLimits(std::move(rules.text_limits));
    }

    // Does the column's name stand here once more, or a new one, and no change.
    bool AtHiveChange(const std::string& column) const {
        if (EqualsIgnoreCase(UnquoteIdentifier(cursor_.Peek().text), column)) return true;
        for (const char* word : {"TYPE", "SET", "DROP", "COMMENT", "FIRST", "AFTER", "SYNC"}) {
            if (cursor_.AtWord(word)) return false;
        }
        return cursor_.AtName();
    }

    void ReadColumnChange(const std::vector<std::string>& path) {
        using Change = AlterColumn::Change;
        AlterColumn alter;
        alter.path = path;
        if (cursor_.AcceptWords({"SET", "DATA", "TYPE"}) || cursor_.AcceptWord("TYPE")) {
            alter.change = Change::kSetType;
            ReadNewType(alter);
        } else if (cursor_.AcceptWords({"SET", "NOT", "NULL"})) {
            alter.change = Change::kSetNotNull;
        } else if (cursor_.AcceptWords({"DROP", "NOT", "NULL"})) {
            alter.change = Change::kDropNotNull;
        } else if (cursor_.AcceptWords({"SET", "DEFAULT"})) {
            alter.change = Change::kSetDefault;
            alter.text = ReadDefault(cursor_);
        } else if (cursor_.AcceptWords({"DROP", "DEFAULT"})) {
            alter.change = Change::kDropDefault;
        } else if (cursor_.AcceptWord("COMMENT")) {
            alter.change = Change::kSetComment;
            alter.text = cursor_.ExpectString("the text of the comment");
        } else if (cursor_.AcceptWords({"SYNC", "IDENTITY"})) {
            alter.change = Change::kSyncIdentity;
        } else if (auto place = ReadPlace(cursor_)) {
            alter.change = Change::kMove;
            alter.text = place->after.value_or("");
        } else {
            cursor_.FailExpected("TYPE, SET, DROP, COMMENT, FIRST, AFTER or SYNC IDENTITY");
        }
        Add(std::move(alter));
    }

    TokenCursor cursor_;
    const std::vector<Token>& tokens_;
    AlterTable alter_;
};

}  // namespace

std::optional<AlterTable> ReadAlterTable(TokenCursor cursor, const EngineStatement& engine) {
    return Reader(cursor, engine).Read();
}

}  // namespace tarn::sql
