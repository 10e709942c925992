using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LipSol.Artifacts.Dvc;

/// <summary>A string as a value of a block mapping, as DVC's YAML library (ruamel.yaml, YAML 1.2, lines of 80) writes it.</summary>
/// <remarks>
/// Plain where the rules of YAML allow it and it isn't read back as a number, a date, true, false or null; in double quotes where it has an apostrophe, a line break or
/// what can't be printed; else in single quotes. A line is broken at a single space once it's longer than 80. Columns count code points.
/// </remarks>
internal static partial class YamlScalar
{
    private const int BestWidth = 80;

    /// <summary>The text that follows <c>key:</c>, with the space before it.</summary>
    /// <param name="value">The string.</param>
    /// <param name="column">Where the line stands behind the colon.</param>
    /// <param name="indent">How far further lines are indented.</param>
    public static string Write(string value, int column = 0, int indent = 4)
    {
        var points = value.EnumerateRunes().Select(r => r.Value).ToArray();
        if (IsPlainAllowed(points) && !ReadsAsSomethingElse(value)) return WritePlain(points, column, indent);
        return value.AsSpan().IndexOfAny('\'', '\n') >= 0 || !IsSingleQuotedAllowed(points)
            ? WriteDoubleQuoted(points, column, indent) : WriteSingleQuoted(points, column, indent);
    }

    private static bool ReadsAsSomethingElse(string value) =>
        value is "" or "~" or "null" or "Null" or "NULL" or "true" or "True" or "TRUE" or "false" or "False" or "FALSE" or "<<" or "="
        || FloatPattern().IsMatch(value) || IntPattern().IsMatch(value) || TimestampPattern().IsMatch(value);

    private static bool IsPlainAllowed(int[] value)
    {
        if (value.Length == 0 || IsBlankOrBreak(value[0]) || IsBlankOrBreak(value[^1])) return false;
        if (StartsWith(value, '-') || StartsWith(value, '.')) return false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (IsBreak(c) || !IsPrintable(c)) return false;
            var spaceFollows = i + 1 == value.Length || IsSpace(value[i + 1]);
            if (i == 0)
            {
                if (c < 128 && "#,[]{}&*!|>'\"%@`".Contains((char)c, StringComparison.Ordinal)) return false;
                if (c is '?' or ':' or '-' && spaceFollows) return false;
            }
            else if (c == ':' && spaceFollows || c == '#' && IsSpace(value[i - 1]))
            {
                return false;
            }
        }
        return true;

        static bool StartsWith(int[] value, char mark) => value.Length >= 3 && value[0] == mark && value[1] == mark && value[2] == mark;
    }

    // Without line breaks only what can't be printed rules them out.
    private static bool IsSingleQuotedAllowed(int[] value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!IsPrintable(value[i])) return false;
            if (i > 0 && (IsBreak(value[i - 1]) && value[i] == ' ' || value[i - 1] == ' ' && IsBreak(value[i]))) return false;
        }
        return true;
    }

    private static string WritePlain(int[] value, int column, int indent)
    {
        var text = new StringBuilder(" ");
        column++;
        Words(value, (word, spaces, last) =>
        {
            Append(text, word, ref column);
            if (spaces.Length == 1 && column > BestWidth && !last) Break(text, indent, ref column);
            else Append(text, spaces, ref column);
        });
        return text.ToString();
    }

    private static string WriteSingleQuoted(int[] value, int column, int indent)
    {
        var text = new StringBuilder(" '");
        column += 2;
        var first = true;
        Words(value, (word, spaces, last) =>
        {
            Append(text, word, ref column); // one with an apostrophe is written in double quotes
            if (spaces.Length == 1 && column > BestWidth && !last && !(first && word.Length == 0)) Break(text, indent, ref column);
            else Append(text, spaces, ref column);
            first = false;
        });
        return text.Append('\'').ToString();
    }

    private static string WriteDoubleQuoted(int[] value, int column, int indent)
    {
        var text = new StringBuilder(" \"");
        column += 2;
        var start = 0;
        for (var end = 0; end <= value.Length; end++)
        {
            var c = end < value.Length ? value[end] : -1;
            if (c < 0 || c is '"' or '\\' or 0x85 or 0x2028 or 0x2029 or 0xFEFF || !(c is >= 0x20 and <= 0x7E or >= 0xA0 and <= 0xD7FF or >= 0xE000 and <= 0xFFFD))
            {
                Append(text, value.AsSpan(start, Math.Max(0, end - start)), ref column);
                start = Math.Max(start, end);
                if (c >= 0)
                {
                    var escape = Escape(c);
                    text.Append(escape);
                    column += escape.Length;
                    start = end + 1;
                }
            }
            if (end > 0 && end < value.Length - 1 && (c == ' ' || start >= end) && column + (end - start) > BestWidth)
            {
                if (start < end)
                {
                    Append(text, value.AsSpan(start, end - start), ref column);
                    start = end;
                }
                text.Append('\\');
                Break(text, indent, ref column);
                if (value[start] == ' ')
                {
                    text.Append('\\');
                    column++;
                }
            }
        }
        return text.Append('"').ToString();
    }

    private static string Escape(int c) => c switch
    {
        0 => "\\0", 7 => "\\a", 8 => "\\b", 9 => "\\t", 10 => "\\n", 11 => "\\v", 12 => "\\f", 13 => "\\r", 0x1B => "\\e",
        '"' => "\\\"", '\\' => "\\\\", 0x85 => "\\N", 0xA0 => "\\_", 0x2028 => "\\L", 0x2029 => "\\P",
        <= 0xFF => "\\x" + c.ToString("X2", CultureInfo.InvariantCulture),
        <= 0xFFFF => "\\u" + c.ToString("X4", CultureInfo.InvariantCulture),
        _ => "\\U" + c.ToString("X8", CultureInfo.InvariantCulture),
    };

    private delegate void Word(ReadOnlySpan<int> word, ReadOnlySpan<int> spaces, bool last);

    private static void Words(int[] value, Word each)
    {
        for (var at = 0; at < value.Length;)
        {
            var end = Array.IndexOf(value, ' ', at);
            if (end < 0) end = value.Length;
            var next = end;
            while (next < value.Length && value[next] == ' ') next++;
            each(value.AsSpan(at, end - at), value.AsSpan(end, next - end), next == value.Length);
            at = next;
        }
    }

    private static void Append(StringBuilder text, ReadOnlySpan<int> points, ref int column)
    {
        foreach (var point in points) text.Append(new Rune(point).ToString());
        column += points.Length;
    }

    private static void Break(StringBuilder text, int indent, ref int column)
    {
        text.Append('\n').Append(' ', indent);
        column = indent;
    }

    private static bool IsBreak(int c) => c is '\n' or 0x85 or 0x2028 or 0x2029;

    private static bool IsSpace(int c) => c is 0 or ' ' or '\t' or '\r' || IsBreak(c);

    private static bool IsBlankOrBreak(int c) => c == ' ' || IsBreak(c);

    private static bool IsPrintable(int c) => c is '\n' or >= 0x20 and <= 0x7E or 0x85 or >= 0xA0 and <= 0xD7FF or >= 0xE000 and <= 0xFFFD and not 0xFEFF or >= 0x10000;

    [GeneratedRegex(@"^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+][0-9_]+|[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+)$")]
    private static partial Regex IntPattern();

    [GeneratedRegex(@"^(?:[0-9]{4}-[0-9][0-9]-[0-9][0-9]|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9][0-9]:[0-9][0-9](?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?)$")]
    private static partial Regex TimestampPattern();
}
