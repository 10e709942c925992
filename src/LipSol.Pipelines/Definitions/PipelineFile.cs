using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace LipSol.Pipelines;

/// <summary>A pipeline's YAML file: read, checked, with the line of everything that is wrong.</summary>
public static class PipelineFile
{
    /// <summary>The longest file, in characters.</summary>
    public const int Longest = 200_000;

    /// <summary>The most steps.</summary>
    public const int MostSteps = 200;

    // A stream, its document, and the levels of a pipeline with some to spare.
    private const int Deepest = 10;

    /// <summary>Reads a definition.</summary>
    /// <exception cref="PipelineFileException">It can't be used; all that is wrong is told at once.</exception>
    public static PipelineDefinition Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new List<PipelineProblem>();
        PipelineDefinition? definition = Load(text, problems) is { } root ? new DefinitionReader(problems).Read(root) : null;
        return problems.Count == 0 && definition is not null ? definition : throw new PipelineFileException([.. problems.OrderBy(p => p.Line)]);
    }

    private static YamlMappingNode? Load(string text, List<PipelineProblem> problems)
    {
        if (text.Length > Longest)
        {
            problems.Add(new PipelineProblem(1, $"the file has {text.Length} characters; a pipeline's has at most {Longest}."));
            return null;
        }
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new GuardedParser(text));
            if (yaml.Documents.Count == 1 && yaml.Documents[0].RootNode is YamlMappingNode root) return root;
            problems.Add(new PipelineProblem(1, "this isn't a pipeline: it begins with `pipeline: NAME`, and has `steps:`."));
        }
        catch (YamlException e)
        {
            problems.Add(new PipelineProblem((int)Math.Clamp(e.Start.Line, 1, LastLine(text)), $"this isn't YAML: {e.InnerException?.Message ?? e.Message} Look at the indentation, and put text with a colon or # in it into quotes."));
        }
        catch (InvalidOperationException)
        {
            // So YamlDotNet 18 answers to a text that ends inside of braces.
            problems.Add(new PipelineProblem(LastLine(text), "this isn't YAML: a brace or bracket isn't closed."));
        }
        return null;
    }

    // What isn't closed is missed behind the end.
    private static int LastLine(string text) => 1 + text.AsSpan().TrimEnd().Count('\n');

    // References within a file would let a few lines stand for a billion, and would hide what a step is. A tree that is nested deeply is made by calls that are nested as deeply, which no stack holds: both end here, before a tree is made of them.
    private sealed class GuardedParser(string text) : IParser
    {
        private readonly Parser _parser = new(new StringReader(text));
        private int _depth;

        public ParsingEvent? Current => _parser.Current;

        public bool MoveNext()
        {
            bool more = _parser.MoveNext();
            if (Current is AnchorAlias alias) throw new YamlException(alias.Start, alias.End, $"*{alias.Value} refers to another place of the file, which a pipeline can't.");
            if (more && Current is { } now && (_depth += now.NestingIncrease) > Deepest) throw new YamlException(now.Start, now.End, "it's nested too deeply: a pipeline has steps, their settings, and lists and tables in these.");
            return more;
        }
    }
}
