// Package secretsmanager keeps tokens in AWS Secrets Manager, in one secret: an
// example of a custom [oauth.Store], complete and small enough to be copied.
//
//   - secretsmanager.go is what is AWS's: read a secret, write it on a condition.
//   - store.go is the store: the six methods, and what happens when two write.
//   - document.go is what the secret holds. These two are the same for any place
//     that keeps one text, and are those of examples/vaultstore.
//
// # Two writers
//
// Secrets Manager has no conditional write, but it never changes a version, and a
// caller names the version it makes (ClientRequestToken). So the name of the next
// version is computed from the name of the one that was read: of two who read the
// same version one makes the next, and the other is told that it exists with
// another content (ResourceExistsException), reads again and begins anew. A
// request that is repeated because its answer was lost has the same content, and
// is answered as the first time. No staging label is moved by hand: AWSCURRENT
// goes with each version that is made.
//
// For that reason only this store may write the secret, and no rotation may be
// set up for it. Whoever restores an older content writes it as a new version; if
// the label is moved back instead, the store refuses to write and says so.
//
// # What it is for
//
// A few service users. A secret has at most 65,536 bytes, some fifty tokens, and
// each change makes a version: Secrets Manager asks for no more than one in ten
// minutes on average, and each user in use has one change an hour. Beyond half a
// dozen busy users take a database, and keep only the keys that seal it here. The
// version before the current one stays readable (AWSPREVIOUS), and so do tokens in
// it that were replaced or deleted: revoke them, as [oauth.Keeper].Revoke does.
//
// It is no [oauth.Coordinator]: each process renews tokens for itself, and of two
// that do so at once the second adopts what the first has saved.
package secretsmanager

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// API is what the store calls: a *secretsmanager.Client. Its credentials need
// secretsmanager:GetSecretValue, PutSecretValue and, unless the secret was made
// before, CreateSecret.
type API interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
}

// Config sets up [New]. Client and Secret are required.
type Config struct {
	Client API    // secretsmanager.NewFromConfig(awsConfig)
	Secret string // name or ARN
	// KMSKey encrypts a secret that the store makes; "": aws/secretsmanager.
	KMSKey string
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
}

// New returns a Store. Nothing is sent; [Store.Probe] tells whether it works.
func New(cfg Config) (*Store, error) {
	if cfg.Client == nil || cfg.Secret == "" {
		return nil, errors.New("secretsmanager: Config needs Client and Secret")
	}
	return newStore(&secret{cfg}, cfg.Now, maxChars), nil
}

// secret is one secret of Secrets Manager.
type secret struct{ cfg Config }

func (s *secret) name() string { return "the secret " + s.cfg.Secret }

// read gets the version that is labelled AWSCURRENT. One that does not exist, or has
// no version yet, is an empty store.
func (s *secret) read(ctx context.Context) (text []byte, version string, err error) {
	out, err := s.cfg.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.cfg.Secret})
	if errors.As(err, new(*types.ResourceNotFoundException)) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if out.SecretString == nil { // binary: somebody else's
		return []byte("binary"), aws.ToString(out.VersionId), nil
	}
	return []byte(*out.SecretString), aws.ToString(out.VersionId), nil
}

// maxChars keeps one token from taking the room of all: it is that of the SDKs' columns.
const maxChars = 255

// maxBytes is what a secret may have (AWS: Secrets Manager quotas).
const maxBytes = 65536

// write makes the version after the one that was read.
func (s *secret) write(ctx context.Context, text []byte, version string) error {
	if len(text) > maxBytes {
		return fmt.Errorf("it would have %d bytes, and may have %d: delete tokens, or take a database", len(text), maxBytes)
	}
	token, value := aws.String(after(version)), aws.String(string(text))
	_, err := s.cfg.Client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &s.cfg.Secret, ClientRequestToken: token, SecretString: value,
	})
	if version == "" && errors.As(err, new(*types.ResourceNotFoundException)) {
		in := &secretsmanager.CreateSecretInput{
			Name: &s.cfg.Secret, ClientRequestToken: token, SecretString: value,
			Description: aws.String("Zoho OAuth tokens. Written by a program; set up no rotation."),
		}
		if s.cfg.KMSKey != "" {
			in.KmsKeyId = &s.cfg.KMSKey
		}
		_, err = s.cfg.Client.CreateSecret(ctx, in)
	}
	if errors.As(err, new(*types.ResourceExistsException)) {
		return errChanged
	}
	return err
}

// after names the version that follows another one: 64 hex digits, which a
// ClientRequestToken may have.
func after(version string) string {
	sum := sha256.Sum256([]byte("the version after " + version))
	return hex.EncodeToString(sum[:])
}
