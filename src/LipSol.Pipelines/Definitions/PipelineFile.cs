using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LipSol.Pipelines;

/// <summary>A pipeline's YAML file: read, checked, with the line of everything that is wrong.</summary>
public static class PipelineFile
{
    /// <summary>The longest file, in characters.</summary>
    public const int Longest = 200_000;

    /// <summary>The most steps.</summary>
    public const int MostSteps = 200;

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
            yaml.Load(new MergingForbidden(text));
            if (yaml.Documents.Count == 1 && yaml.Documents[0].RootNode is YamlMappingNode root) return root;
            problems.Add(new PipelineProblem(1, "this isn't a pipeline: it begins with `pipeline: NAME`, and has `steps:`."));
        }
        catch (YamlException e)
        {
            problems.Add(new PipelineProblem((int)Math.Max(1, e.Start.Line), $"this isn't YAML: {e.InnerException?.Message ?? e.Message} Look at the indentation, and put text with a colon or # in it into quotes."));
        }
        return null;
    }

    // References within a file would let a few lines stand for a billion, and would hide what a step is.
    private sealed class MergingForbidden(string text) : IParser
    {
        private readonly Parser _parser = new(new StringReader(text));

        public YamlDotNet.Core.Events.ParsingEvent? Current => _parser.Current;

        public bool MoveNext()
        {
            bool more = _parser.MoveNext();
            return Current is YamlDotNet.Core.Events.AnchorAlias alias ? throw new YamlException(alias.Start, alias.End, $"*{alias.Value} refers to another place of the file, which a pipeline can't.") : more;
        }
    }
}
