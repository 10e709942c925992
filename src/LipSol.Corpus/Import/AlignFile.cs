using System.Globalization;

namespace LipSol.Corpus.Import;

/// <summary>A word alignment: one word a line with its start and end.</summary>
internal static class AlignFile
{
    /// <summary>GRID's: <c>start end word</c>, 1000 units a frame of 25 a second; <c>sil</c> and <c>sp</c> are silence.</summary>
    public static IReadOnlyList<WordTime> ReadGrid(string folder, string relative, List<CorpusProblem> problems) =>
        Read(folder, relative, problems, 0, 25000, ["sil", "sp"], "'start end word'");

    /// <summary>The recorded Urdu corpus': <c>word start end</c> in seconds; <c>س</c> is silence.</summary>
    public static IReadOnlyList<WordTime> ReadUrdu(string folder, string relative, List<CorpusProblem> problems) =>
        Read(folder, relative, problems, 1, 1, ["س", "sil", "sp"], "'word start end'");

    private static List<WordTime> Read(
        string folder, string relative, List<CorpusProblem> problems, int firstNumber, double unitsPerSecond, string[] silence, string form)
    {
        var words = new List<WordTime>();
        var end = 0.0;
        var number = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, relative)))
        {
            number++;
            var fields = line.TrimStart('\uFEFF').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0) continue;
            if (fields.Length != 3 || !Number(fields[firstNumber], out var from) || !Number(fields[firstNumber + 1], out var to))
            {
                problems.Add(new CorpusProblem(relative, number, $"'{line.Trim()}' is not {form}"));
                continue;
            }
            if (to <= from || from < end) problems.Add(new CorpusProblem(relative, number, $"'{line.Trim()}' ends before it starts, or starts before the word before it ends"));
            end = to;
            var word = fields[firstNumber == 0 ? 2 : 0];
            if (!silence.Contains(word)) words.Add(new WordTime(word, from / unitsPerSecond, to / unitsPerSecond));
        }
        return words;
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value >= 0;
}
