using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LipSol.Models.Weights;

/// <summary>What the weights of a file are called in the network: a list of patterns, of which the first that fits a name decides; a name that none fits stays as it is.</summary>
/// <remarks>
/// <code>
/// names:
///   - from: frontend3D.0.weight         # one name
///     to: visual.front.1.convolution.weight
///   - from: tcn.*.**                    # * is one part of a name, ** any number of parts
///     to: temporal.*.**
///   - from: tcn_output.**               # without `to`: left out
/// </code>
/// </remarks>
internal sealed class WeightMap
{
    private const int LongestFile = 1 << 20, MostPatterns = 10_000;
    private readonly Pattern[] patterns;

    private WeightMap(Pattern[] patterns) => this.patterns = patterns;

    /// <summary>No mapping: every name stays as it is.</summary>
    public static WeightMap None { get; } = new([]);

    /// <summary>Patterns that fitted no name so far: a slip of the pen, most often.</summary>
    public IReadOnlyList<string> Unused => [.. patterns.Where(p => !p.Used).Select(p => p.From)];

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="UnusableWeightsException">It isn't one; the message says where.</exception>
    public static WeightMap Read(string path)
    {
        if (new FileInfo(path).Length > LongestFile) throw new UnusableWeightsException($"The name mapping has {new FileInfo(path).Length >> 20} MB; at most {LongestFile >> 20} MB are read.");
        return Parse(File.ReadAllText(path));
    }

    /// <inheritdoc cref="Read"/>
    public static WeightMap Parse(string yaml)
    {
        MapFile? file;
        try
        {
            file = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).WithDuplicateKeyChecking().Build().Deserialize<MapFile?>(yaml);
        }
        catch (YamlException e)
        {
            throw new UnusableWeightsException($"The name mapping can't be read: line {e.Start.Line}: {e.InnerException?.Message ?? e.Message} It is YAML: `names:` with a list of `from:` and `to:`.", e);
        }
        if (file?.Names is not { Count: > 0 } names) throw new UnusableWeightsException("The name mapping has no names. It is YAML: `names:` with a list of `from:` and `to:`.");
        if (names.Count > MostPatterns) throw new UnusableWeightsException($"The name mapping has {names.Count} patterns; at most {MostPatterns} are read.");
        return new WeightMap([.. names.Select((n, i) => Pattern.Of(n?.From, n?.To, i + 1))]);
    }

    /// <summary>The name in the network; null where the mapping leaves this weight out.</summary>
    public string? NameOf(string name)
    {
        foreach (var pattern in patterns)
            if (pattern.Match(name) is { Fits: true } match) return match.To;
        return name;
    }

    private sealed class MapFile
    {
        public List<MapEntry?>? Names { get; set; }
    }

    private sealed class MapEntry
    {
        public string? From { get; set; }
        public string? To { get; set; }
    }

    private sealed class Pattern(string from, Regex names, string? to)
    {
        private static readonly Regex Stars = new(@"\*+", RegexOptions.CultureInvariant);

        public string From => from;

        public bool Used { get; private set; }

        public static Pattern Of(string? from, string? to, int number)
        {
            if (string.IsNullOrWhiteSpace(from)) throw new UnusableWeightsException($"Pattern {number} of the name mapping has no `from`.");
            var (wanted, given) = (Stars.Matches(to ?? "").Select(m => m.Value), Stars.Matches(from).Select(m => m.Value).ToArray());
            if (given.Any(s => s.Length > 2) || (to is not null && !wanted.SequenceEqual(given)))
                throw new UnusableWeightsException($"Pattern {number} of the name mapping, from '{from}' to '{to}': both sides need the same * and ** in the same order (* is one part of a name, ** any number).");
            var regex = new StringBuilder("^");
            var done = 0;
            foreach (Match star in Stars.Matches(from))
            {
                regex.Append(Regex.Escape(from[done..star.Index])).Append(star.Length == 1 ? @"([^.]+)" : "(.+)");
                done = star.Index + star.Length;
            }
            regex.Append(Regex.Escape(from[done..])).Append('$');
            // Non-backtracking: names and patterns come from others, and take linear time.
            return new Pattern(from, new Regex(regex.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline), to);
        }

        public (bool Fits, string? To) Match(string name)
        {
            if (names.Match(name) is not { Success: true } match) return (false, null);
            Used = true;
            var group = 0;
            return (true, to is null ? null : Stars.Replace(to, _ => match.Groups[++group].Value));
        }
    }
}
