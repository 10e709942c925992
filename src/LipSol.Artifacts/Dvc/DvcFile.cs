using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace LipSol.Artifacts.Dvc;

/// <summary>A <c>.dvc</c> file: which version of a file or folder belongs here.</summary>
/// <remarks>
/// A new file is byte for byte what DVC 3 writes. One that's there is changed only where it has to be: comments, the order of its fields and fields of others stay, as DVC keeps them.
/// </remarks>
public sealed class DvcFile
{
    /// <summary>What the names end with.</summary>
    public const string Suffix = ".dvc";

    private DvcFile(string text, IReadOnlyList<DvcOutput> outputs, string workingFolder, bool isImport) =>
        (Text, Outputs, WorkingFolder, IsImport) = (text, outputs, workingFolder, isImport);

    /// <summary>The file's text.</summary>
    public string Text { get; }

    /// <summary>What it holds: one entry in files that <c>add</c> makes.</summary>
    public IReadOnlyList<DvcOutput> Outputs { get; }

    /// <summary>What paths are relative to, relative to the file's folder.</summary>
    public string WorkingFolder { get; }

    /// <summary>Whether it's an import of another repository's data, which is never pushed.</summary>
    public bool IsImport { get; }

    /// <summary>A new file for one output.</summary>
    public static DvcFile Create(DvcOutput output)
    {
        var text = new StringBuilder("outs:\n");
        var separator = "- ";
        foreach (var (key, value) in Fields(output).Append(("path", output.Path)))
        {
            text.Append(separator).Append(key).Append(':').Append(Scalar(key, value)).Append('\n');
            separator = "  ";
        }
        return new DvcFile(text.ToString(), [output], ".", isImport: false);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="DvcException">It isn't one.</exception>
    public static DvcFile Parse(string text, string name)
    {
        // DVC writes none such: a disk that was full, or a merge gone wrong. Taken for a file without outputs, its version would be forgotten.
        if (string.IsNullOrWhiteSpace(text)) throw new DvcException($"{name} is empty. Restore it with git, or delete it and run `lipsol data add` again.");
        try
        {
            var root = Root(text);
            var outputs = root is null ? [] : Sequence(root, "outs").Select(node => Output(node, name)).ToArray();
            var isImport = root is not null && Sequence(root, "deps").Any(d => d is YamlMappingNode dependency && Find(dependency, "repo") is not null);
            return new DvcFile(text, outputs, root is not null && Value(root, "wdir") is { Length: > 0 } folder ? folder : ".", isImport);
        }
        catch (YamlException e)
        {
            throw new DvcException($"{name} isn't a .dvc file (line {e.Start.Line}: {e.Message}). Restore it with git, or delete it and run `lipsol data add` again.", e);
        }
    }

    /// <summary>The file with another version of one of its outputs: <paramref name="output"/> takes the place of that with the same path.</summary>
    /// <exception cref="DvcException">Its YAML is written in a way that can't be changed in place.</exception>
    public DvcFile With(DvcOutput output)
    {
        var index = Outputs.ToList().FindIndex(o => o.Path == output.Path);
        if (index < 0) throw new ArgumentException($"{output.Path} is no output of this file.", nameof(output));
        var node = (YamlMappingNode)Sequence(Root(Text)!, "outs")[index];
        if (node.Style == MappingStyle.Flow) throw new DvcException($"The .dvc file of {output.Path} is written in YAML's flow style ({{…}}), which isn't changed in place. Delete it and run `lipsol data add` again.");
        return new DvcFile(Edit(node, Fields(output).ToDictionary()), [.. Outputs.Select((o, i) => i == index ? output : o)], WorkingFolder, IsImport);
    }

    private string Edit(YamlMappingNode node, Dictionary<string, string> wanted)
    {
        var edits = new List<(int From, int To, string Text)>();
        var seen = new HashSet<string>();
        var end = 0;
        foreach (var (keyNode, value) in node.Children)
        {
            var key = ((YamlScalarNode)keyNode).Value!;
            end = LineEnd((int)value.End.Index);
            if (!Managed.Contains(key)) continue;
            seen.Add(key);
            if (!wanted.TryGetValue(key, out var now)) edits.Add((LineStart((int)keyNode.Start.Index), LineEnd((int)value.End.Index), ""));
            else if (value is not YamlScalarNode scalar || scalar.Value != now) edits.Add(((int)value.Start.Index, (int)value.End.Index, Scalar(key, now).TrimStart(' ')));
        }
        var indent = new string(' ', (int)node.Children.First().Key.Start.Column - 1);
        var added = string.Concat(Fields(wanted).Where(f => !seen.Contains(f.Key)).Select(f => $"{indent}{f.Key}:{Scalar(f.Key, f.Value)}\n"));
        if (added.Length > 0) edits.Add((end, end, Text[..end].EndsWith('\n') ? added : "\n" + added));
        var text = new StringBuilder(Text);
        foreach (var (from, to, replacement) in edits.OrderByDescending(e => e.From)) text.Remove(from, to - from).Insert(from, replacement);
        return text.ToString();
    }

    private int LineStart(int index) => index == 0 ? 0 : Text.LastIndexOf('\n', index - 1) + 1;

    private int LineEnd(int index) => Text.IndexOf('\n', Math.Max(0, index > 0 && Text[index - 1] == '\n' ? index - 1 : index)) is var at and >= 0 ? at + 1 : Text.Length;

    private static readonly string[] Managed = ["md5", "size", "nfiles", "isexec", "hash"];

    private static IEnumerable<(string Key, string Value)> Fields(Dictionary<string, string> values) => Managed.Where(values.ContainsKey).Select(k => (k, values[k]));

    private static IEnumerable<(string Key, string Value)> Fields(DvcOutput output)
    {
        if (output.Hash is { } hash) yield return ("md5", hash);
        if (output.Size is { } size) yield return ("size", size.ToString(CultureInfo.InvariantCulture));
        if (output.FileCount is { } count) yield return ("nfiles", count.ToString(CultureInfo.InvariantCulture));
        if (output.IsExecutable) yield return ("isexec", "true");
        if (!output.IsLegacy) yield return ("hash", "md5");
    }

    private static string Scalar(string key, string value) => key is "size" or "nfiles" or "isexec" ? " " + value : YamlScalar.Write(value, column: 3 + key.Length);

    private static YamlMappingNode? Root(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        if (yaml.Documents.Count == 0) return null;
        var root = yaml.Documents[0].RootNode;
        return root switch
        {
            YamlMappingNode mapping => mapping,
            YamlScalarNode { Value: null or "" } => null,
            _ => throw new YamlException(root.Start, root.End, "a mapping with outs: is expected"),
        };
    }

    private static DvcOutput Output(YamlNode node, string name)
    {
        if (node is not YamlMappingNode mapping || Value(mapping, "path") is not { Length: > 0 } path) throw new YamlException(node.Start, node.End, "an output has no path");
        var hash = Value(mapping, "md5") is { Length: > 0 } md5 ? md5.ToLowerInvariant() : null;
        if (hash is not null && !ArtifactHash.IsValid(hash)) throw new YamlException(node.Start, node.End, $"'{hash}' is no MD5");
        var kind = Value(mapping, "hash");
        return new DvcOutput
        {
            Path = path,
            Hash = hash,
            Size = long.TryParse(Value(mapping, "size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null,
            FileCount = int.TryParse(Value(mapping, "nfiles"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null,
            IsExecutable = IsTrue(mapping, "isexec", otherwise: false),
            IsLegacy = kind is null,
            IsCached = IsTrue(mapping, "cache", otherwise: true),
            IsPushed = IsTrue(mapping, "push", otherwise: true),
            Remote = Value(mapping, "remote"),
            Unsupported = kind is not (null or "md5") ? $"{path} of {name} is hashed by {kind}, not by MD5"
                : Find(mapping, "files") is not null || Find(mapping, "cloud") is not null ? $"{path} of {name} is kept by a cloud's own versions"
                : null,
        };
    }

    private static IList<YamlNode> Sequence(YamlMappingNode mapping, string key) => Find(mapping, key) is YamlSequenceNode sequence ? sequence.Children : [];

    private static string? Value(YamlMappingNode mapping, string key) => Find(mapping, key) is YamlScalarNode scalar ? scalar.Value : null;

    private static bool IsTrue(YamlMappingNode mapping, string key, bool otherwise) => Value(mapping, key) is { } text ? text is "true" or "True" or "TRUE" : otherwise;

    private static YamlNode? Find(YamlMappingNode mapping, string key) => mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
