using System.Security.Cryptography;
using System.Text;

namespace LipSol.Grains.Runs;

/// <summary>A run's id follows from the request: known before the run is there.</summary>
internal static class RunIds
{
    private const string Letters = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 12;

    // 60 bits of a hash in Crockford's base 32: short enough to read out, wide enough not to meet by chance.
    public static string Of(string experiment, string requestId)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{experiment}\n{requestId}"));
        ulong bits = BitConverter.ToUInt64(hash);
        return string.Create(IdLength, bits, static (text, rest) =>
        {
            foreach (ref char letter in text)
            {
                letter = Letters[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }
}
