using System.Globalization;
using LipSol.Contracts.Runs;

namespace LipSol.Grains.Serving;

/// <summary>The key of a model version: <c>name/version</c>.</summary>
internal static class ModelVersionKey
{
    public static string Of(string model, int version) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}");

    public static (string Model, int Version) Parse(string key)
    {
        int slash = key.LastIndexOf('/');
        return slash > 0 && int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? (key[..slash], version)
            : throw new RefusedException($"'{key}' isn't a model version: it reads name/version.");
    }
}
