using System.Globalization;
using System.Text.RegularExpressions;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Models;

/// <summary>The pictures of a recording: files of a folder in the order of their last number.</summary>
internal static partial class NumberedPictures
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    /// <exception cref="BadInputException">There are none.</exception>
    public static IReadOnlyList<string> In(string folder)
    {
        string[] found = [.. Directory.EnumerateFiles(folder).Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase) && LastNumber().IsMatch(Path.GetFileNameWithoutExtension(f)))
            .OrderBy(f => decimal.Parse(LastNumber().Match(Path.GetFileNameWithoutExtension(f)).Value, CultureInfo.InvariantCulture)).ThenBy(f => f, StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new BadInputException($"The folder {folder} holds no numbered pictures. Name them 0001.png, 0002.png, … (PNG or JPEG).");
    }

    [GeneratedRegex(@"\d{1,18}(?=\D*$)", RegexOptions.CultureInvariant)]
    private static partial Regex LastNumber();
}
