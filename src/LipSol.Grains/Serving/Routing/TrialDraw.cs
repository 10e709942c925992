using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving.Routing;

/// <summary>Which requests a canary answers: a hash of the trial and the request, or the caller where it's sticky, falls below the share. The same on every node, and others in the next trial.</summary>
internal static class TrialDraw
{
    public static bool Takes(ModelTrial trial, ReadRequest request)
    {
        string key = (trial.Sticky ? request.Caller : request.RequestId) ?? Guid.NewGuid().ToString("N");
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{trial.Id}\n{key}"));
        return BinaryPrimitives.ReadUInt64BigEndian(hash) / 18446744073709551616.0 < trial.Share;
    }
}
