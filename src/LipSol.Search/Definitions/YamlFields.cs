using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace LipSol.Search;

/// <summary>A YAML mapping whose keys are known: what else is in it, or isn't of the right kind, is told with its line.</summary>
internal sealed class YamlFields
{
    private const int LongestText = 64 * 1024, Deepest = 8;

    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);

    public YamlFields(YamlNode node, string what, params string[] known)
    {
        Line = node.Start.Line;
        foreach ((string key, long line, YamlNode value) in Pairs(node, what))
        {
            if (known.Length > 0 && !known.Contains(key)) throw new SearchDefinitionException(line, $"{what} has no {key}. It has {string.Join(", ", known)}.");
            _fields.Add(key, value);
            _lines.Add(key, line);
        }
    }

    public long Line { get; }

    public IEnumerable<KeyValuePair<string, YamlNode>> All => _fields;

    public bool Has(string key) => _fields.ContainsKey(key);

    public YamlNode? Node(string key) => _fields.GetValueOrDefault(key);

    public long LineOf(string key) => _lines.GetValueOrDefault(key, Line);

    public string? Text(string key) => Node(key) is { } node ? Scalar(node, key) : null;

    public string Required(string key, string example) => Text(key) ?? throw new SearchDefinitionException(Line, $"{key} is missing: write `{key}: {example}`.");

    public long? Whole(string key, long least, long most)
    {
        if (Text(key) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most ? value
            : throw new SearchDefinitionException(LineOf(key), FormattableString.Invariant($"{key} is {text}: give a whole number from {least} to {most}."));
    }

    public bool? Truth(string key) => Text(key) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw new SearchDefinitionException(LineOf(key), $"{key} is {text}: write true or false."),
    };

    public IReadOnlyList<string>? List(string key) => Node(key) switch
    {
        null => null,
        YamlSequenceNode list => [.. list.Children.Select(c => Scalar(c, key))],
        YamlScalarNode one => [Scalar(one, key)],
        var node => throw new SearchDefinitionException(node.Start.Line, $"{key} is a list: write `{key}: [a, b]`."),
    };

    /// <summary>The whole text as one mapping.</summary>
    public static YamlNode Read(string text)
    {
        if (text.Length > LongestText) throw new SearchDefinitionException(1, FormattableString.Invariant($"the definition has {text.Length} characters: at most {LongestText}."));
        try
        {
            CheckEvents(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : throw new SearchDefinitionException(1, stream.Documents.Count == 0 ? "the definition is empty." : "there are several YAML documents: give one a file.");
        }
        catch (YamlException e)
        {
            throw new SearchDefinitionException(e.Start.Line, $"this is no YAML: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // So YamlDotNet 18 answers to a text that ends inside of braces.
            throw new SearchDefinitionException(1 + text.AsSpan().TrimEnd().Count('\n'), "this is no YAML: a brace or bracket isn't closed.", e);
        }
    }

    public static string Scalar(YamlNode node, string what) => node is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw new SearchDefinitionException(node.Start.Line, $"{what} has no value of its own: write one behind the colon.");

    // Before a tree is made of it: what is nested too deeply, or refers to itself, would cost more than it's worth.
    private static void CheckEvents(string text)
    {
        var parser = new Parser(new StringReader(text));
        for (int depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > Deepest + 2) throw new SearchDefinitionException(parser.Current.Start.Line, "this is nested too deeply.");
            if (parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false }) throw new SearchDefinitionException(parser.Current.Start.Line, "anchors (&) and aliases (*) aren't used here: write the value itself.");
        }
    }

    private static IEnumerable<(string Key, long Line, YamlNode Value)> Pairs(YamlNode node, string what) => node is YamlMappingNode mapping
        ? mapping.Children.Select(pair => (Scalar(pair.Key, $"a key of {what}"), pair.Key.Start.Line, pair.Value))
        : throw new SearchDefinitionException(node.Start.Line, $"{what} is made of lines `key: value`.");
}
